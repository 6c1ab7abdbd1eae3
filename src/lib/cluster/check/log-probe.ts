import type { Clock } from '../../clock.js';
import { readLogs } from '../../logs/operation.js';
import type { SourceOptions } from '../../logs/source.js';
import type { SshHost } from '../../ssh/host.js';
import { type LogSigns, readLogSigns } from './log-signs.js';

/** Milliseconds that are read: what is older may be over. */
const WINDOW = 60_000;
const OF_LINKS = /cluster node|connection to node|remote_node_not_available|join request|can't send/;

/** What a node's log said of its links in the last minute. @throws Failure when it cannot be read */
export async function readSigns(
  node: string,
  host: SshHost,
  options: Pick<SourceOptions, 'file' | 'sudo' | 'prefix' | 'deadline'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<LogSigns> {
  const lines: { text: string; times: number }[] = [];
  const wanted = { ...options, since: WINDOW, pattern: OF_LINKS, follow: false };
  for await (const event of readLogs([{ node, host }], wanted, clock, signal))
    if (event.kind === 'records')
      lines.push(...event.records.map(({ message }) => ({ text: message, times: 1 })));
  return readLogSigns(lines);
}
