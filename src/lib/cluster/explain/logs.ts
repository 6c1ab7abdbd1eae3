import type { Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import { type LogNode, readLogs } from '../../logs/operation.js';
import { findingIn, type LogFinding, patternFor } from './log-lines.js';

export interface LogOptions {
  /** Milliseconds back from now. */
  readonly since: number;
  readonly file: string | undefined;
  readonly sudo: boolean;
  readonly prefix: readonly string[] | undefined;
  readonly deadline: number;
}

/**
 * What the logs say of the client.
 *
 * @param note told of each log that is not read
 */
export async function readFindings(
  nodes: readonly LogNode[],
  clientId: string,
  options: LogOptions,
  clock: Clock,
  signal: AbortSignal,
  note: (gap: string) => void,
): Promise<LogFinding[]> {
  if (nodes.length === 0) note('no log was read: no ssh:// node is given');
  if (nodes.length === 0) return [];
  const findings: LogFinding[] = [];
  const request = { ...options, pattern: patternFor(clientId), follow: false };
  try {
    const events = readLogs(nodes, request, clock, signal);
    for (;;) {
      const next = await events.next();
      if (next.done) {
        for (const { node, failure } of next.value)
          if (failure) note(`the log of ${node} was not read: ${failure.message}`);
        return findings;
      }
      if (next.value.kind === 'records')
        findings.push(...next.value.records.flatMap((record) => findingIn(record, clientId) ?? []));
    }
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    note(`no log was read: ${thrown.message}`);
    return findings;
  }
}
