import type { Failure } from '../../failure.js';
import { failed, leaveInProgress, refused, unknown } from '../outcomes.js';
import { isQuestion } from '../question.js';
import type { AdminCommand, Classification } from '../rpc.js';

/** After one of these the command may have arrived; after any other it was never sent. */
const MAYBE_SENT = new Set(['ssh_lost', 'ssh_deadline']);

/**
 * What it means that a command could not be run over SSH.
 *
 * @param command undefined for a question of our own
 * @param address of the SSH host, which need not be said twice
 */
export function classifySshFailure(
  command: AdminCommand | undefined,
  { kind, code, message, hint }: Failure,
  address: string,
): Classification {
  const text = withoutAddress(message, address);
  if (MAYBE_SENT.has(code)) return classifyNoAnswer(command, text);
  return { ...refused(code, text, hint ?? 'Does ssh with the same user and host get there?'), kind };
}

/** A port that the SSH configuration has is part of the address in the message, though nobody typed it. */
function withoutAddress(message: string, address: string): string {
  if (!message.startsWith(address)) return message;
  return /^(?::\d+)?:? (.*)$/s.exec(message.slice(address.length))?.[1] ?? message;
}

/** The command may have arrived, and the broker may still be working on it. */
export function classifyNoAnswer(command: AdminCommand | undefined, message: string): Classification {
  if (command?.words.join(' ') === 'cluster leave') return leaveInProgress(message);
  const hint =
    'The host or the node may be overloaded or frozen. Look again, or give it longer with --deadline.';
  if (command === undefined || isQuestion(command)) return failed('no_answer', message, hint);
  return unknown('outcome_unknown', `${message}: the broker may or may not have done it`, hint);
}

/**
 * What it means that the SSH host in between could not be reached, or could not reach the node: nothing was sent.
 *
 * @param address of the node, which need not be said twice
 */
export const classifyTunnelFailure = (
  { kind, code, message, hint }: Failure,
  address: string,
): Classification => ({
  ...refused(
    code,
    message.replace(`${address}: `, ''),
    hint ?? 'Can the SSH host in between be reached, and the node from there?',
  ),
  kind,
});
