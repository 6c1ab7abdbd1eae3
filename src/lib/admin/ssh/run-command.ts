import type { SshHost } from '../../ssh/host.js';
import { assertCarriable } from '../catalogue/carriage.js';
import { jsonFormat, vmqAdminArgv } from '../catalogue/line.js';
import { usage } from '../catalogue/mistakes.js';
import { classifyCommandOutput } from '../cli/classify.js';
import type { CommandOutput } from '../cli/output.js';
import { refused } from '../outcomes.js';
import type { AdminCommand, AdminReply, CallOptions } from '../rpc.js';
import { classifyScript, classifySilence } from './classify-script.js';
import { LineSplitter } from './lines.js';
import { type VmqAdminOptions, vmqAdminCommandLine } from './vmq-admin-line.js';

/**
 * Runs a command with the host's own `vmq-admin`, and asks for JSON: see native/run-command.ts.
 *
 * @throws Failure: usage (the script would lose something of it; nothing was sent), what `SshHost.run` throws
 */
export async function runCommand(
  host: SshHost,
  vmqAdmin: VmqAdminOptions,
  command: AdminCommand,
  options: CallOptions,
): Promise<AdminReply> {
  assertCarriable(command, 'script');
  assertUntouchedBySu(command);
  const argv = [...vmqAdminArgv(command), ...jsonFormat(command), ...patience(command, options)];
  const line = vmqAdminCommandLine(vmqAdmin, argv, { openInput: isTrace(command) });
  const output = await runUnderFreeName(host, line, options);
  if (output === undefined) return NAME_TAKEN;
  if (isSilent(command, output)) return { ...classifySilence(command), elements: [] };
  const fromScript = classifyScript(command, vmqAdmin, output);
  return fromScript ? { ...fromScript, elements: [] } : classifyCommandOutput(command, output);
}

/** Every answer in JSON has something in it: what says nothing at all, and is content, is no `vmq-admin`. */
const isSilent = (command: AdminCommand, { stdout, stderr, exitCode }: CommandOutput) =>
  exitCode === 0 && jsonFormat(command).length > 0 && !isTrace(command) && `${stdout}${stderr}`.trim() === '';

/** Before it hands on its arguments to `su`, the script puts a backslash in front of these, and nothing takes it away. */
function assertUntouchedBySu(command: AdminCommand): void {
  if (!vmqAdminArgv(command).some((word) => /[(){}"']/.test(word))) return;
  throw usage(
    'value_gets_lost',
    'the vmq-admin script puts a backslash in front of quotes, ( ), { and } in a value',
    'Reach the node with erl:// or http:// instead.',
  );
}

/** Milliseconds that `vmq-admin` waits by itself. */
const OWN_PATIENCE = 60_000;

/** What it takes out of its arguments wherever it stands (vernemq.md §6); a trace waits for ever anyway. */
function patience(command: AdminCommand, { deadline }: CallOptions): string[] {
  if (isTrace(command)) return [];
  const isLong = command.words.join(' ') === 'cluster leave' || deadline === 0 || deadline > OWN_PATIENCE;
  return isLong ? ['-rpctimeout', 'infinity'] : [];
}

const isTrace = ({ words }: AdminCommand) => words.join(' ') === 'trace client';

/** How often a name is drawn: of two runs at the same moment, one in a thousand draws the name of the other. */
const DRAWS = 5;

const NAME_TAKEN: AdminReply = {
  ...refused(
    'name_conflict',
    'vmq-admin found no free node name for itself',
    'Too many run on that host at the same time. Try again.',
  ),
  kind: 'unreachable',
  elements: [],
};

/**
 * Each run is an Erlang node with a random name, one of a thousand, and ends at once where another run has it. Nothing
 * was sent then, so it is run again.
 *
 * @returns undefined when there was no free name
 */
async function runUnderFreeName(
  host: SshHost,
  line: string,
  options: CallOptions,
): Promise<CommandOutput | undefined> {
  const end = options.deadline > 0 ? performance.now() + options.deadline : undefined;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const left = end === undefined ? 0 : Math.ceil(end - performance.now());
    if (end !== undefined && left <= 0) return undefined;
    const output = await runOnce(host, line, { ...options, deadline: left });
    if (output.exitCode !== 127 || !/^escript: [\s\S]*\bnodistribution\b/m.test(output.stderr)) return output;
  }
  return undefined;
}

async function runOnce(
  host: SshHost,
  line: string,
  { deadline, signal, onOutput }: CallOptions,
): Promise<CommandOutput> {
  const written = { out: [] as string[], err: [] as string[] };
  const take = (stream: 'out' | 'err') => (text: string) => {
    remember(written[stream], text);
    // Once it was told to end, what it writes is about that.
    if (!isDocument(text) && !signal?.aborted) onOutput?.(text, stream);
  };
  const lines = { out: new LineSplitter(take('out')), err: new LineSplitter(take('err')) };
  const { exitCode } = await host.run(line, {
    deadline,
    signal,
    onOutput: (chunk, stream) => lines[stream].push(chunk),
  });
  lines.out.end();
  lines.err.end();
  return { stdout: written.out.join('\n'), stderr: written.err.join('\n'), exitCode };
}

/** Lines. A trace may run for days; of what it has shown, only the end is needed to tell how it ended. */
const REMEMBERED = 10_000;

function remember(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > 2 * REMEMBERED) lines.splice(0, REMEMBERED);
}

/** The result of a command is one line of JSON; whatever else is written is for people. */
const isDocument = (line: string) => line.startsWith('{"') || line.startsWith('[{"');
