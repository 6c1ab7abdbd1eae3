import type { Classification } from './rpc.js';

/** Everything but `done` needs a hint: what to do next. */
export const done = (message = 'answered', code = 'done'): Classification => ({
  outcome: 'done',
  code,
  message,
});

export const refused = (code: string, message: string, hint: string): Classification => ({
  outcome: 'refused',
  code,
  message,
  hint,
});

export const failed = (code: string, message: string, hint: string): Classification => ({
  outcome: 'failed',
  code,
  message,
  hint,
});

export const unknown = (code: string, message: string, hint: string): Classification => ({
  outcome: 'unknown',
  code,
  message,
  hint,
});

/**
 * A leave that has perhaps arrived, and about which nothing that the broker itself says has come back.
 *
 * @param why what came back instead
 */
export const leaveInProgress = (why: string): Classification =>
  unknown(
    'leave_in_progress',
    `${why}; the leave may be going on`,
    'Keep watching the members; do not send a second leave.',
  );
