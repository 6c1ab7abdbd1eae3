import type { Member } from '../../../../src/lib/cluster/view.js';
import type { Past, WatchState } from '../../../../src/lib/cluster/watch/state.js';
import { NO_COUNTERS } from '../../../support/counters.js';

export interface NodeFacts {
  readonly name: string;
  readonly running?: Member['running'];
  readonly online?: number;
  readonly in?: number | null;
  readonly past?: readonly (number | null)[];
  readonly queued?: number;
}

/** What a watch knows of these nodes; a node that does not run is reached by nobody. */
export function stateOf(nodes: readonly NodeFacts[], rest: Partial<WatchState> = {}): WatchState {
  const members = nodes.map(memberOf);
  const names = nodes.map(({ name }) => name);
  return {
    at: Date.parse('2026-01-02T03:04:05Z'),
    report: {
      view: { members, observers: names, unreachable: [], partial: [] },
      problems: [],
      healthy: true,
      queued: new Map(nodes.map(({ name, queued = 0 }) => [name, { messages: queued, exact: true }])),
    },
    rates: new Map(nodes.map((node) => [node.name, { in: node.in ?? null, out: null }])),
    pasts: new Map(
      nodes.map(({ name, past = [] }): [string, Past] => [name, { in: past, out: [], queued: [] }]),
    ),
    silence: undefined,
    ...rest,
  };
}

function memberOf({ name, running = 'yes', online = 0 }: NodeFacts): Member {
  const counters = { ...NO_COUNTERS, online };
  const own = { node: name, version: '2.1.2', members: new Map([[name, true]]), listeners: [], counters };
  return { name, running, seenBy: {}, own: running === 'no' ? null : own, address: null };
}
