import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import type { SshHost } from '../ssh/host.js';
import { type LogEvent, mergeLogs, type NodeReport } from './merge.js';
import { LogSource, type SourceOptions } from './source.js';

export interface LogNode {
  /** Shown with each entry. */
  readonly node: string;
  readonly host: SshHost;
}

/**
 * The logs of these nodes, merged by time, until they have been read; with `follow` until the signal is aborted. Nodes that
 * are not reached are warned of, and named in the report.
 *
 * @throws Failure when no log at all can be read
 */
export async function* readLogs(
  nodes: readonly LogNode[],
  options: Omit<SourceOptions, 'node'>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<LogEvent, readonly NodeReport[]> {
  const sources = nodes.map(({ node, host }) => ({
    node,
    events: (until: AbortSignal) => new LogSource(host, { ...options, node }, clock, until).events(),
  }));
  const reports = yield* mergeLogs(sources, clock, signal);
  if (!signal.aborted) assertSomeRead(reports);
  return reports;
}

/** What they have in common decides what kind of failure it is. */
function assertSomeRead(reports: readonly NodeReport[]): void {
  const failures = reports.flatMap(({ reached, failure }) => (failure && !reached ? [failure] : []));
  const [first] = failures;
  if (!first || failures.length < reports.length) return;
  const common = failures.every(({ kind }) => kind === first.kind);
  const each = [...new Set(failures.map(({ message }) => message))].join('; ');
  throw new Failure(
    common ? first.kind : 'unreachable',
    common ? first.code : 'unreachable',
    `no log can be read: ${each}`,
    { hint: [...new Set(failures.flatMap(({ hint }) => hint ?? []))].join(' ') || undefined },
  );
}
