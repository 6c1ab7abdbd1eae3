import type { AdminCommand, AdminReply } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import type { Fleet } from '../observe.js';
import type { Migrated } from './events.js';
import { parseMigrated } from './migrated.js';
import type { LeaveOptions } from './options.js';

/** The command, in the spelling that the broker understands over every way in: `key=value` first, long flags only. */
export function leaveCommand({ node, kill, interval, timeout }: LeaveOptions): AdminCommand {
  return {
    words: ['cluster', 'leave'],
    arguments: [['node', node]],
    flags: [
      ...(kill ? [['kill_sessions', true] as const] : []),
      ...(timeout === undefined ? [] : [['timeout', String(timeout)] as const]),
      ...(interval === undefined ? [] : [['summary-interval', String(interval)] as const]),
    ],
  };
}

/** A leave that has been sent and whose answer has perhaps not come yet. */
export interface Sent {
  /** The answer once it has come; an interruption of ours counts as none. */
  reply: AdminReply | undefined;
  /** A mistake of ours that kept the answer away. */
  thrown?: unknown;
  /** The last that the broker itself has said of the migration, where the way in carries that. */
  migrated: Migrated | undefined;
  /** Whether an earlier run had sent it before. */
  readonly again: boolean;
}

/** Sends the leave without waiting for its answer, which can take longer than the broker keeps the connection. */
export function sendLeave(
  fleet: Fleet,
  coordinator: string,
  options: LeaveOptions,
  again: boolean,
  signal?: AbortSignal,
): Sent {
  const sent: Sent = { reply: undefined, migrated: undefined, again };
  const onOutput = (line: string) => {
    sent.migrated = parseMigrated(line) ?? sent.migrated;
  };
  const answer = fleet.rpc(coordinator).call(leaveCommand(options), { deadline: 0, signal, onOutput });
  answer.then(
    (reply) => {
      sent.reply = reply;
      // What was counted before the answer was lost is no news any more.
      if (reply.code === 'leave_in_progress') sent.migrated = undefined;
    },
    (thrown: unknown) => {
      // Interrupted: the loop that watches sees the same signal and says so.
      if (!(thrown instanceof Failure) || thrown.kind !== 'interrupted') sent.thrown = thrown;
    },
  );
  return sent;
}
