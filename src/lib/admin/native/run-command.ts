import { findCommand } from '../catalogue/index.js';
import { jsonFormat, vmqAdminArgv } from '../catalogue/line.js';
import { classifyCommandOutput } from '../cli/classify.js';
import { parseElements } from '../elements.js';
import { ErlangError } from '../erlang/error.js';
import { charlist, isAtom } from '../erlang/term/construct.js';
import { formatTerm } from '../erlang/term/format.js';
import { type Term, Tuple } from '../erlang/term/types.js';
import type { AdminCommand, AdminReply, CallOptions, OutputListener } from '../rpc.js';
import { isMissing } from './classify-error.js';
import type { Session, SessionCall } from './session.js';

/**
 * Runs a command as `vmq-admin` does, by `vmq_server_cli:command/1` (vernemq.md §6), and asks for JSON: the broker's own
 * encoder then says which value is a text, a number or a table, exactly as over HTTP. Mistakes in the command come as
 * human text, which says more than HTTP's empty 400.
 *
 * @throws ErlangError when no answer came, or the call itself failed
 */
export async function runCommand(
  session: Session,
  command: AdminCommand,
  options: CallOptions,
): Promise<AdminReply> {
  const written: Written = { out: [], err: [] };
  const shown = new ShownLines(options.onOutput);
  const onOutput: OutputListener = (line, stream) => {
    remember(written[stream], line);
    shown.give(line, stream);
  };
  const argv = ['vmq-admin', ...vmqAdminArgv(command), ...jsonFormat(command)];
  const { stop, release } = untilToldToStop(command, options);
  const result = await session
    .call('vmq_server_cli', 'command', [argv.map(textOf(command))], { ...options, ...stop, onOutput })
    .catch((thrown) => crashOf(thrown, written.err))
    .finally(release);
  return classifyCommandOutput(command, {
    stdout: written.out.join('\n'),
    stderr: written.err.join('\n'),
    exitCode: exitCodeOf(result),
  });
}

type Written = Readonly<Record<'out' | 'err', string[]>>;

/** Lines. A trace may run for days; of what it has shown, only the end is needed to tell how it ended. */
const REMEMBERED = 10_000;

function remember(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > 2 * REMEMBERED) lines.splice(0, REMEMBERED);
}

/** Passes on what a command writes, but for its result: that is the last line, and a document. */
class ShownLines {
  private held: string | undefined;

  constructor(private readonly onOutput: OutputListener | undefined) {}

  give(line: string, stream: 'out' | 'err'): void {
    if (this.held !== undefined) this.onOutput?.(this.held, 'out');
    this.held = stream === 'out' && parseElements(line) ? line : undefined;
    if (this.held === undefined) this.onOutput?.(line, stream);
  }
}

/** Where the broker makes a query of its arguments it reads characters, elsewhere bytes. */
const textOf = ({ words }: AdminCommand): ((text: string) => Term) =>
  findCommand(words)?.queries ? charlist : (text) => [...Buffer.from(text, 'utf8')];

/** Milliseconds that a trace gets to end after it was told to. */
const LAST_WORDS = 5000;

/** A trace runs until its input ends; giving the call up at once would leave its end unconfirmed. */
function untilToldToStop(
  { words }: AdminCommand,
  { signal }: CallOptions,
): { readonly stop: Partial<SessionCall>; release(): void } {
  if (words.join(' ') !== 'trace client') return { stop: {}, release: () => undefined };
  const giveUp = new AbortController();
  const wait = () => setTimeout(() => giveUp.abort(), LAST_WORDS).unref();
  if (signal?.aborted) wait();
  signal?.addEventListener('abort', wait, { once: true });
  const release = () => signal?.removeEventListener('abort', wait);
  return { stop: { signal: giveUp.signal, input: signal }, release };
}

/** Characters: what tells one crash from another can stand deep in its stack trace. */
const LONGEST_CRASH = 10_000;

/** What `vmq-admin` prints, so that one set of rules judges both. */
function crashOf(thrown: unknown, written: string[]): undefined {
  if (!(thrown instanceof ErlangError) || !isCrash(thrown)) throw thrown;
  written.push(`RPC failed: {'EXIT',${formatTerm(thrown.term, { maxLength: LONGEST_CRASH })}}`);
  return undefined;
}

const isCrash = (error: ErlangError): error is ErlangError & { readonly term: Term } =>
  error.code === 'exit' && error.term !== undefined && !isMissing(error, 'command');

/** `ok`, or `{error, Code}`. */
function exitCodeOf(result: Term | undefined): number {
  if (isAtom(result, 'ok')) return 0;
  const code = result instanceof Tuple ? result.elements[1] : undefined;
  return typeof code === 'number' && code !== 0 ? code : 1;
}
