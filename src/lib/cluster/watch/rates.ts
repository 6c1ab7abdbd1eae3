import type { NodeCounters } from '../../admin/rpc.js';
import type { ClusterView } from '../view.js';

/** Messages per second; null where it cannot be told. */
export interface Rates {
  readonly in: number | null;
  readonly out: number | null;
}

/** What one look has counted, and when. */
export interface Reading {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly view: ClusterView;
}

const UNKNOWN: Rates = { in: null, out: null };

/** Node → how many messages its clients sent and were sent between two looks. */
export function ratesBetween(before: Reading | undefined, now: Reading): ReadonlyMap<string, Rates> {
  const earlier = new Map(before?.view.members.map(({ name, own }) => [name, own?.counters ?? null]));
  const seconds = before === undefined ? 0 : (now.at - before.at) / 1000;
  const rates = now.view.members.map(
    ({ name, own }) => [name, ratesOf(earlier.get(name) ?? null, own?.counters ?? null, seconds)] as const,
  );
  return new Map(rates);
}

function ratesOf(before: NodeCounters | null, now: NodeCounters | null, seconds: number): Rates {
  if (before === null || now === null || seconds <= 0) return UNKNOWN;
  return {
    in: perSecond(before.messagesIn, now.messagesIn, seconds),
    out: perSecond(before.messagesOut, now.messagesOut, seconds),
  };
}

/** A counter that has gone down began anew, with its node: how much it had counted before that is not known. */
function perSecond(before: number | undefined, now: number | undefined, seconds: number): number | null {
  if (before === undefined || now === undefined || now < before) return null;
  return (now - before) / seconds;
}
