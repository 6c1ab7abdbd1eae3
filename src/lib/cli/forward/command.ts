import * as Flags from '@oclif/core/flags';
import { isMangledByScript, MANGLED } from '../../admin/catalogue/carriage.js';
import { nameOf } from '../../admin/catalogue/index.js';
import { vmqAdminLine } from '../../admin/catalogue/line.js';
import { parseLine } from '../../admin/catalogue/parse.js';
import type { CommandSpec, Hazard } from '../../admin/catalogue/types.js';
import type { AdminCommand } from '../../admin/rpc.js';
import { systemClock } from '../../clock.js';
import { Failure } from '../../failure.js';
import { ClusterCommand } from '../cluster-command.js';
import { type FlagShape, refuseValues } from '../flag-shape.js';
import { printable } from '../printable.js';
import { write } from '../streams.js';
import { lineView, replyView } from '../views/forward.js';
import { partArguments } from './arguments.js';
import { FORWARD_FLAGS } from './flags.js';
import { forwarded } from './forwarded.js';
import { assertSendable, type Forwarded, failureOf, type Nodes, sendToFirst } from './send.js';

/** A command of `vmq-admin` that has no richer form here: checked, sent to a node, and its answer judged. */
export class ForwardCommand extends ClusterCommand {
  static override flags = {
    'key-from': Flags.string(FORWARD_FLAGS['key-from']),
    yes: Flags.boolean(FORWARD_FLAGS.yes),
    'show-command': Flags.boolean(FORWARD_FLAGS['show-command']),
  };

  async run(): Promise<void> {
    const spec = forwarded(this.argv);
    if (!spec) throw new Failure('bug', 'not_forwarded', 'this command is not forwarded');
    const ownFlags = { ...ForwardCommand.baseFlags, ...ForwardCommand.flags } as Record<string, FlagShape>;
    const { own, broker } = partArguments(spec, this.argv, ownFlags);
    refuseValues(own, ownFlags);
    const { flags } = await this.parse(ForwardCommand, own);
    const command = parseLine(broker, await keyFor(spec, flags));
    if (flags['show-command']) return this.showLine(command);
    const fleet = await this.openFleet(flags);
    assertSendable({ spec, command }, fleet);
    for (const hazard of applying(spec.hazards ?? [], command))
      await this.tell(`note: ${hazard.text}`, 'warning');
    if (!flags.yes) await this.askAbout({ spec, command });
    if (spec.output === 'stream') return this.stream({ spec, command }, fleet);
    return this.send({ spec, command }, fleet, fleet.deadline);
  }

  private async showLine(command: AdminCommand): Promise<void> {
    const masked = vmqAdminLine(command);
    if (isMangledByScript(command) && !masked.includes('key=***'))
      await this.tell(`note: ${MANGLED}`, 'warning');
    await this.present(lineView(masked));
  }

  /** Names what is at stake and waits for a yes. */
  private async askAbout({ spec, command }: Forwarded): Promise<void> {
    const [stake] = applying(spec.stake ? [spec.stake] : [], command);
    if (!stake) return;
    await this.tell(`warning: ${stake.text}`, 'warning');
    const { askConsent } = await import('../prompts.js');
    await askConsent(`${vmqAdminLine(command)}: go on?`, this.canAsk);
  }

  private async send(job: Forwarded, nodes: Nodes, deadline: number): Promise<void> {
    const options = { deadline, signal: this.interrupted };
    const sent = await sendToFirst(job, nodes, options, ({ message }) => void this.tell(message, 'warning'));
    const { address, reply } = sent;
    if (nodes.seeds.length > 1 && job.spec.scope === 'node') await this.tell(`asked ${address}`, 'dim');
    const view = replyView(reply.elements, this.wantedFormat);
    const hasRows = (view.table?.rows.length ?? 0) > 0;
    const failure = failureOf(job, sent, hasRows ? view.document : undefined);
    // A table says more than the failure; in JSON it is a part of the failure's own document.
    if (!failure || (hasRows && this.wantedFormat !== 'json')) await this.present(view);
    if (failure) throw failure;
    // Some commands end without a word, and some tables have no rows.
    if (reply.elements.length === 0) await this.tell(reply.message, 'dim');
    else if (view.table && !hasRows) await this.tell('no rows', 'dim');
  }

  /** Prints lines as they come, until Ctrl-C or until nobody reads them any more. */
  private async stream(job: Forwarded, nodes: Nodes): Promise<void> {
    const gone = new AbortController();
    const isJson = this.wantedFormat === 'json';
    let written: Promise<void> = Promise.resolve();
    this.streams.out.once('error', () => gone.abort());
    const onLine = (line: string, stream: 'out' | 'err') => {
      const print = () =>
        stream === 'err'
          ? this.tell(line, 'dim')
          : write(this.streams.out, `${isJson ? JSON.stringify({ line }) : printable(line)}\n`);
      written = written.then(print);
      written.catch(() => gone.abort());
    };
    const rpc = nodes.rpc(nodes.seeds[0] ?? '');
    const { followStream } = await import('./stream.js');
    try {
      await followStream(job, rpc, onLine, AbortSignal.any([this.interrupted, gone.signal]), systemClock);
    } finally {
      // What it has shown stands before what is said of its end.
      await written;
    }
    await this.tell('The trace is over; the node has confirmed it.', 'dim');
  }
}

/** The key that must not stand on the command line; a stand-in where it is not needed. */
async function keyFor(
  spec: CommandSpec,
  flags: { readonly 'key-from'?: string | undefined; readonly 'show-command': boolean },
): Promise<string | undefined> {
  const source = flags['key-from'];
  const wanted = spec.keys?.some(({ secret }) => secret) ?? false;
  if (!wanted && source !== undefined)
    throw new Failure('usage', 'no_key_wanted', `--key-from means nothing to ${nameOf(spec)}`);
  if (wanted && flags['show-command']) return '***';
  if (!wanted || source === undefined) return undefined;
  const { readSecret } = await import('../../context/secret-source.js');
  return (await readSecret(source, '--key-from', process.env)).reveal();
}

const applying = (hazards: readonly Hazard[], { flags = [] }: AdminCommand): Hazard[] =>
  hazards.filter(({ withFlag }) => withFlag === undefined || flags.some(([name]) => name === withFlag));
