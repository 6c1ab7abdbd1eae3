import type { Position } from './lines.js';
import type { RowOutcome } from './settle.js';

/** A row that the operator should know of. */
export interface RowReport {
  /** From 1. */
  readonly line: number;
  /** Null where the row does not say it. */
  readonly key: string | null;
  readonly outcome: RowOutcome;
  readonly why: string;
  /** As it stands in the input; it may hold a password. Undefined where nothing of it was kept. */
  readonly raw: string | undefined;
}

export type Totals = Readonly<Record<RowOutcome | 'relabelled' | 'repeated', number>>;

export const NO_TOTALS: Totals = {
  written: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
  relabelled: 0,
  repeated: 0,
};

/** All rows before a line are settled. */
export interface Settled {
  /** Where reading can go on. */
  readonly from: Position;
  /** The first line that is not settled: at `from`, or after it. */
  readonly line: number;
}

export function addTotals(one: Totals, other: Totals): Totals {
  const names = Object.keys(NO_TOTALS) as (keyof Totals)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as Totals;
}
