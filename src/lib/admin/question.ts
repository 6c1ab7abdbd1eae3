import type { AdminCommand } from './rpc.js';

/** Whether a command changes nothing: without an answer nothing can have happened. */
export const isQuestion = (command: AdminCommand): boolean =>
  ['show', 'status', 'history', 'describe', 'sessions', 'listeners', 'plugins'].some((word) =>
    command.words.includes(word),
  );
