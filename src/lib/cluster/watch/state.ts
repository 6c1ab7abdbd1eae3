import type { Failure } from '../../failure.js';
import type { ClusterReport } from '../show.js';
import { type Rates, ratesBetween } from './rates.js';

/** How many looks the past of a node has at most: more than any terminal has columns for. */
const LONGEST_PAST = 240;

type Series = readonly (number | null)[];

/** What a node did, look by look; null where a look did not tell. The last one is now. */
export interface Past {
  readonly in: Series;
  readonly out: Series;
  readonly queued: Series;
}

/** What a watch knows after a look. */
export interface WatchState {
  /** When the cluster answered last, in milliseconds since the epoch. */
  readonly at: number;
  /** What it answered then. */
  readonly report: ClusterReport;
  /** Node → what it does now. */
  readonly rates: ReadonlyMap<string, Rates>;
  readonly pasts: ReadonlyMap<string, Past>;
  /** Why no node has answered since; undefined while one does. */
  readonly silence: Failure | undefined;
}

const NO_PAST: Past = { in: [], out: [], queued: [] };

/** The state after a look that was answered. A node that nobody lists any more is forgotten. */
export function afterLook(before: WatchState | undefined, at: number, report: ClusterReport): WatchState {
  const reading = { at, view: report.view };
  const rates = ratesBetween(before && { at: before.at, view: before.report.view }, reading);
  const pasts = report.view.members.map(({ name }) => {
    const { in: received = null, out = null } = rates.get(name) ?? {};
    const queued = report.queued.get(name)?.messages ?? null;
    return [name, longer(before?.pasts.get(name), { in: received, out, queued })] as const;
  });
  return { at, report, rates, pasts: new Map(pasts), silence: undefined };
}

/** The state after a look that no node answered: the past has a gap. */
export function afterSilence(before: WatchState, silence: Failure): WatchState {
  const gap = { in: null, out: null, queued: null };
  const pasts = [...before.pasts].map(([name, past]) => [name, longer(past, gap)] as const);
  return { ...before, rates: new Map(), pasts: new Map(pasts), silence };
}

function longer(past: Past = NO_PAST, now: { readonly [Key in keyof Past]: number | null }): Past {
  const append = (series: Series, value: number | null) => [...series, value].slice(-LONGEST_PAST);
  return {
    in: append(past.in, now.in),
    out: append(past.out, now.out),
    queued: append(past.queued, now.queued),
  };
}
