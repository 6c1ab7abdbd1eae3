import { type Connector, openConnector } from '../admin/connect.js';
import type { VmqAdminOptions } from '../admin/ssh/vmq-admin-line.js';
import { systemClock } from '../clock.js';
import type { Fleet } from '../cluster/observe.js';
import { type ClusterFlags, clusterSettings, plainHttpWarning } from '../context/settings.js';
import type { Secret } from '../secret.js';
import type { SshOptions } from '../ssh/options.js';
import { ProgressLine } from './progress.js';
import type { Streams } from './streams.js';

/** What there is to say about one event of an operation: a line that stays, or the state of the line that changes. */
export interface Narration {
  readonly line?: string | undefined;
  readonly tone?: 'warning' | undefined;
  /** `live` is redrawn on a terminal; elsewhere a line is printed when `steady` changes. */
  readonly progress?: { readonly live: string; readonly steady: string } | undefined;
}

/** The brokers of a command, how programs are run on their hosts, and the authorities that are trusted. */
export type CommandFleet = Fleet &
  Connector & {
    readonly vmqAdmin: VmqAdminOptions;
    readonly caFile?: string | undefined;
    /** How a connection of Erlang is tried. */
    readonly erlang: { readonly cookie?: Secret | undefined; readonly epmdPort?: number | undefined };
  };

/** Who a command speaks to. */
export interface Operator {
  readonly streams: Streams;
  tell(text: string, tone?: 'warning' | 'dim'): Promise<void>;
}

/**
 * The brokers that the flags, the environment and the context name. It is to be closed.
 *
 * @param also URLs of nodes that the command reaches besides
 */
export async function openFleet(
  flags: ClusterFlags,
  { tell, ...ssh }: Operator & Pick<SshOptions, 'askPassphrase' | 'report'>,
  also: readonly string[] = [],
  options: { readonly triesCookie?: boolean } = {},
): Promise<CommandFleet> {
  const settings = await clusterSettings(flags, process.env, also, options);
  const connector = await openConnector({
    ...settings,
    ssh: settings.ssh && { ...settings.ssh, askPassphrase: ssh.askPassphrase },
    report: ssh.report,
    // Told when it happens: also of a node whose address was derived, and not where no key is sent.
    onPlainKey: (address) => void tell(`warning: ${plainHttpWarning([address])}`, 'warning'),
  });
  const { nodes: seeds, deadline, caFile, cookie, epmdPort } = settings;
  const vmqAdmin = settings.ssh?.vmqAdmin ?? {};
  return {
    ...connector,
    seeds,
    deadline,
    clock: systemClock,
    vmqAdmin,
    caFile,
    erlang: { cookie, epmdPort },
  };
}

/** Runs an operation to its end, telling its events on stderr. */
export async function follow<Event, Report>(
  events: AsyncGenerator<Event, Report>,
  narrate: (event: Event) => Narration,
  { streams, tell }: Operator,
): Promise<Report> {
  const changing = new ProgressLine(streams.err, streams.errIsTerminal);
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const { line, tone, progress } = narrate(next.value);
      if (progress) await changing.update(progress.live, progress.steady);
      if (line === undefined) continue;
      await changing.end();
      await tell(line, tone ?? 'dim');
    }
  } finally {
    await changing.end();
  }
}
