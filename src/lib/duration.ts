import { Failure } from './failure.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration such as `500ms`, `30s`, `5m`, `1h`; a bare number is seconds, as in `vmq-admin`.
 *
 * @returns milliseconds, more than 0
 * @throws Failure (usage) when it is none
 */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const milliseconds = match ? Number(match[1]) * (UNITS[match[2] ?? 's'] ?? Number.NaN) : Number.NaN;
  // setTimeout takes no more than 2^31-1 ms.
  if (!(milliseconds > 0 && milliseconds < 2 ** 31)) {
    throw new Failure('usage', 'bad_duration', `${flag} is not a duration: ${text}`, {
      hint: 'Give a number with a unit, such as 500ms, 30s, 5m or 1h.',
    });
  }
  return milliseconds;
}

/** `4.2 s`, `3 min 20 s`: for people. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Reads a duration as `parseDuration` does, or 0 for none at all.
 *
 * @throws Failure (usage) for anything else
 */
export const parsePause = (text: string, flag: string): number =>
  /^0+(ms|s|m|h)?$/.test(text.trim()) ? 0 : parseDuration(text, flag);
