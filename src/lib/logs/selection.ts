import { LOG_LEVELS, type LogLevel } from '../log-levels.js';
import type { LogRecord } from './record.js';

/** Which entries are wanted. */
export interface Selection {
  /** Microseconds since the epoch. */
  readonly since?: number | undefined;
  readonly level?: LogLevel | undefined;
  /** Looked for in the whole text of an entry. */
  readonly pattern?: RegExp | undefined;
}

/** An entry that does not tell its time or level is not left out because of it. */
export function selects({ since, level, pattern }: Selection): (record: LogRecord) => boolean {
  const least = level === undefined ? 0 : LOG_LEVELS.indexOf(level);
  return (record) =>
    (since === undefined || record.time === undefined || record.time >= since) &&
    (record.level === undefined || LOG_LEVELS.indexOf(record.level) >= least) &&
    (pattern === undefined || pattern.test(record.text));
}
