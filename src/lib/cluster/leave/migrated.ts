import type { Migrated } from './events.js';

/** Reads a line of the broker's own progress; undefined for any other line. */
export function parseMigrated(line: string): Migrated | undefined {
  const counts = /^Migrated (\d+)\/(\d+) queues and (\d+)\/(\d+) messages$/.exec(line.trim());
  const [queues = 0, allQueues = 0, messages = 0, allMessages = 0] = counts?.slice(1).map(Number) ?? [];
  return counts ? { queues, allQueues, messages, allMessages } : undefined;
}
