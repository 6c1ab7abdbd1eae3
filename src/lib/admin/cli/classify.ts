import { findCommand } from '../catalogue/index.js';
import { classifyElements } from '../classify.js';
import { done, failed, leaveInProgress, unknown } from '../outcomes.js';
import { isQuestion } from '../question.js';
import { classifyUsage, firstLine } from '../refusals.js';
import type { AdminCommand, AdminReply, Classification, ReplyElement } from '../rpc.js';
import { classifyCrash } from './crash.js';
import { type CommandOutput, parseCliOutput } from './output.js';

export type { CommandOutput } from './output.js';

/**
 * What a command line of the broker means: its standard output, its errors and its exit code, as `vmq-admin` has them
 * (vernemq.md §6), or as `vmq_server_cli:command/1` writes them to its group leader. Exit code 0 says nothing: the
 * broker ends most failures with it. What no `vmq-admin` writes is judged by its exit code.
 */
export function classifyCommandOutput(command: AdminCommand, output: CommandOutput): AdminReply {
  const { elements } = parseCliOutput(output.stdout);
  const shown = elements.length === 0 && isEmptyTable(command, output) ? EMPTY_TABLE : elements;
  const classification = classifyCall(command, output) ?? classifyResult(command, shown, output);
  return { ...classification, elements: shown };
}

const EMPTY_TABLE: readonly ReplyElement[] = [{ type: 'table', rows: [] }];

/** A table without rows is written as nothing at all. */
const isEmptyTable = (command: AdminCommand, { exitCode }: CommandOutput) =>
  exitCode === 0 && findCommand(command.words)?.output === 'table';

/** What became of the call, where it did not come to a result: nodetool says so, on either stream. */
function classifyCall(
  command: AdminCommand,
  { stdout, stderr, exitCode }: CommandOutput,
): Classification | undefined {
  if (exitCode === 0) return undefined;
  const said = `${stderr}\n${stdout}`;
  if (/^Node .* not responding to pings/m.test(said)) return notResponding(firstLine(said));
  const failure = /^RPC (?:to \S+ )?failed: (.*)$/ms.exec(said)?.[1];
  if (failure === undefined) return undefined;
  return /^timeout\b/.test(failure) ? cutOff(command) : classifyCrash(command, failure);
}

const notResponding = (said: string) =>
  failed(
    'unreachable',
    `vmq-admin does not reach its node: ${said}`,
    'Is the broker running there? A node name or cookie that was changed while it ran keeps vmq-admin out too.',
  );

/** vmq-admin waits 60 s; the broker goes on. */
function cutOff(command: AdminCommand): Classification {
  const why = 'vmq-admin stopped waiting after its 60 s';
  if (command.words.join(' ') === 'cluster leave') return leaveInProgress(why);
  const hint = 'The node may be overloaded or frozen. Look again.';
  if (isQuestion(command)) return failed('no_answer', why, hint);
  return unknown('outcome_unknown', `${why}: the broker may or may not have done it`, hint);
}

function classifyResult(
  command: AdminCommand,
  elements: readonly ReplyElement[],
  { stdout, stderr, exitCode }: CommandOutput,
): Classification {
  // Help of a group of commands ends with exit code 1, although it was asked for.
  if (asksForHelp(command) && stdout.startsWith('Usage: ')) return done();
  const usage = classifyUsage(command, findCommand(command.words), stdout);
  if (usage) return usage;
  // With --format=csv alerts are written to stderr.
  const alerts = elements.length > 0 || exitCode === 0 ? [] : parseCliOutput(stderr).elements;
  const classification = classifyElements(command, [...elements, ...alerts]);
  return classification.outcome === 'done' && exitCode !== 0
    ? endedWith(exitCode, stdout, stderr)
    : classification;
}

const asksForHelp = ({ flags = [] }: AdminCommand) => flags.some(([name]) => name === 'help');

const endedWith = (exitCode: number, stdout: string, stderr: string) =>
  failed(
    'broker_error',
    `the command ended with exit code ${exitCode}: ${firstLine(stderr.trim() || stdout) || 'without a word'}`,
    'See console.log on the node.',
  );
