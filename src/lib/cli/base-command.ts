import { Command } from '@oclif/core/command';
import type { InferredFlags } from '@oclif/core/interfaces';
import type { Failure } from '../failure.js';
import type { SshOptions } from '../ssh/options.js';
import { errorDocument, exitCodeOf, toFailure } from './errors.js';
import { type FlagShape, refuseValues, takesValue } from './flag-shape.js';
import { outputFlags } from './flags.js';
import type { Operator } from './fleet.js';
import { interruptSignal } from './interrupt.js';
import { printable } from './printable.js';
import { type Format, painter, render } from './render.js';
import { processStreams, type Streams, say, write } from './streams.js';
import type { View } from './view.js';
import { splitWords, type WordKind } from './words.js';

type FlagsOf<T extends typeof Command> = InferredFlags<T['flags'] & T['baseFlags']>;

/** Flags in, one operation called, a view out; and the one place where failures reach the operator. */
export abstract class BaseCommand extends Command {
  static override baseFlags = outputFlags;

  /** The `key=value` words that this command takes, as `vmq-admin` has them. */
  static words: Readonly<Record<string, WordKind>> = {};

  protected readonly streams: Streams = processStreams();

  private interrupt: AbortSignal | undefined;

  /**
   * Aborted by the first Ctrl-C or SIGTERM, from the first time that it is asked for. A command that never asks dies of
   * them, as any process does.
   */
  protected get interrupted(): AbortSignal {
    this.interrupt ??= interruptSignal();
    return this.interrupt;
  }

  /** Whether somebody sits there who can be asked. */
  protected get canAsk(): boolean {
    return this.streams.inIsTerminal && this.streams.errIsTerminal;
  }

  /** Parses flags and `key=value` words. */
  protected async input<T extends typeof BaseCommand>(
    type: T,
  ): Promise<{ flags: FlagsOf<T>; words: Readonly<Record<string, string>>; args: string[] }> {
    const flags = { ...type.baseFlags, ...type.flags } as Record<string, FlagShape>;
    refuseValues(this.argv, flags);
    const { argv, words } = splitWords(this.argv, type.words, (token) => takesValue(token, flags));
    const parsed = await this.parse(type, argv);
    return { flags: parsed.flags as FlagsOf<T>, words, args: parsed.argv as string[] };
  }

  protected get wantedFormat(): Format {
    return wantedFormat(this.argv, process.env);
  }

  /** Shows a result on stdout, in the format that was asked for. */
  protected async present(view: View): Promise<void> {
    await write(this.streams.out, await render(view, this.wantedFormat, this.streams.colourOut));
  }

  /** Says something to the operator on stderr: progress and warnings, never results. */
  protected async tell(text: string, tone: 'plain' | 'warning' | 'dim' = 'plain'): Promise<void> {
    const paint = await painter(this.streams.colourErr);
    await say(this.streams.err, `${paint(printable(text), tone)}\n`);
  }

  /** The same for what is no command itself. */
  protected get operator(): Operator {
    return { streams: this.streams, tell: (text, tone) => this.tell(text, tone) };
  }

  /** What SSH wants of the operator: a passphrase, where somebody can be asked, and to be told its steps, where wanted. */
  protected sshOperator({
    verbose,
  }: {
    readonly verbose?: boolean;
  }): Pick<SshOptions, 'askPassphrase' | 'report'> {
    const askPassphrase = async (path: string) => (await import('./prompts.js')).askPassphrase(path);
    return {
      askPassphrase: this.canAsk ? askPassphrase : undefined,
      report: verbose ? (line) => void this.tell(line, 'dim') : undefined,
    };
  }

  protected override async catch(thrown: unknown): Promise<void> {
    // oclif ends --help and --version by throwing an exit.
    if (isPlannedExit(thrown)) throw thrown;
    process.exitCode = await reportFailure(toFailure(thrown), this.wantedFormat, this.streams);
  }
}

/** Prints a failure: one line and a hint on stderr, or the document on stdout for JSON. Returns the exit code. */
export async function reportFailure(failure: Failure, format: Format, streams: Streams): Promise<number> {
  if (format !== 'json' || !(await writeDocument(failure, streams))) {
    const paint = await painter(streams.colourErr);
    await say(streams.err, `${paint('error:', 'bad')} ${printable(failure.message)}\n`);
    if (failure.hint) await say(streams.err, `${paint('hint:', 'warning')} ${printable(failure.hint)}\n`);
  }
  if (process.env.VMQCTL_DEBUG && failure.cause instanceof Error)
    await say(streams.err, `${failure.cause.stack?.split('\n').map(printable).join('\n')}\n`);
  return exitCodeOf(failure);
}

/** Whether stdout takes the document: what it does not take is told on stderr. */
async function writeDocument(failure: Failure, streams: Streams): Promise<boolean> {
  try {
    await write(streams.out, `${JSON.stringify(errorDocument(failure), null, 2)}\n`);
    return true;
  } catch {
    return false;
  }
}

/** Read from the raw arguments, so that a failure to parse them is shown in the right format too. */
export function wantedFormat(argv: readonly string[], environment: NodeJS.ProcessEnv): Format {
  const wanted = namedFormat(argv, environment);
  return wanted === 'json' || wanted === 'csv' || wanted === 'yaml' ? wanted : 'table';
}

/** Whatever is given for a format: a command may have more of them. */
export function namedFormat(argv: readonly string[], environment: NodeJS.ProcessEnv): string | undefined {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  if (flags.includes('--json')) return 'json';
  const at = flags.findLastIndex((token) => token === '--format' || token.startsWith('--format='));
  const token = flags[at];
  return (
    (token === '--format' ? flags[at + 1] : token?.slice('--format='.length)) ?? environment.VMQCTL_FORMAT
  );
}

const isPlannedExit = (thrown: unknown) =>
  thrown instanceof Error && (thrown as { code?: string }).code === 'EEXIT';
