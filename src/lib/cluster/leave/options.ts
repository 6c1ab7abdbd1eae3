import { Failure } from '../../failure.js';

export interface LeaveOptions {
  /** The node that is to leave. */
  readonly node: string;
  /** Kill its sessions and migrate its queues; without it only its MQTT listeners are suspended. */
  readonly kill: boolean;
  /** `-i`: seconds between the broker's checks; the broker's default is 5. */
  readonly interval: number | undefined;
  /** `-t`: seconds that the broker waits for the sessions to go offline; its default is 60. It bounds nothing else. */
  readonly timeout: number | undefined;
  /** Milliseconds that we keep watching. */
  readonly wait: number;
  /** Consent to losing what a dead node holds on its disk. */
  readonly allowMessageLoss: boolean;
  /** Consent to going on although some member's own view is not known. */
  readonly allowUnreachableNode: boolean;
}

/** Seconds that the broker waits for sessions unless `-t` says otherwise (vernemq.md §1.B). */
export const BROKER_TIMEOUT = 60;

/**
 * Reads `-i` or `-t`: the broker does not check them, and crashes half-way through with a bad one.
 *
 * @returns whole seconds, at least 1
 * @throws Failure (usage)
 */
export function parseSeconds(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= 2 ** 31) return seconds;
  throw new Failure('usage', 'bad_seconds', `${flag} takes whole seconds from 1, not ${text}`, {
    hint: 'The broker would accept it and crash in the middle of the leave.',
  });
}
