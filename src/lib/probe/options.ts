import type { Clock } from '../clock.js';
import type { CleanUpAccess } from './cleanup.js';
import type { Protocol } from './client.js';
import type { Endpoint } from './endpoints.js';
import type { ProbeJournals } from './journal.js';
import type { QoS } from './names.js';

export const EXTRAS = ['shared', 'retained', 'takeover'] as const;
/** What is tried besides the messages of the matrix. */
export type Extra = (typeof EXTRAS)[number];

export interface ProbeOptions {
  readonly protocol: Protocol;
  readonly prefix: string;
  /** PEM file of the authorities that TLS is checked against; absolute. */
  readonly caFile: string | null;
  readonly qos: readonly QoS[];
  /** Messages per node and QoS in a round. */
  readonly count: number;
  /** Milliseconds between two of them. */
  readonly interval: number;
  /** Milliseconds after which what has not arrived is lost. */
  readonly wait: number;
  /** Milliseconds that a p99 may have. */
  readonly maxLatency: number | undefined;
  readonly extras: readonly Extra[];
  /** Rounds until it is interrupted. */
  readonly continuous: boolean;
  /** Sets records of its own there. */
  readonly provision: { readonly redis: string; readonly mountpoint: string } | undefined;
}

/** Outlives us, and cleans up if nobody else does. */
export interface Watchdog {
  dismiss(): void;
}

export interface ProbeContext {
  readonly id: string;
  readonly endpoints: readonly Endpoint[];
  readonly options: ProbeOptions;
  readonly access: CleanUpAccess;
  readonly journals: ProbeJournals;
  /** @throws Failure (safety) while another process has it */
  lock(id: string): Promise<{ release(): Promise<void> }>;
  watchdog(id: string): Promise<Watchdog>;
  readonly clock: Clock;
  /** Milliseconds from any beginning, with fractions. */
  readonly ticks: () => number;
  readonly signal: AbortSignal;
}
