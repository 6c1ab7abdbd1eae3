import type { Look } from './look.js';
import type { StagedState } from './state.js';

/** How far a phase has come, with its speed and how long it will last at that speed. */
export interface StagedProgress {
  readonly stand: StagedState['stand'];
  /** Milliseconds in this phase. */
  readonly elapsed: number;
  readonly sessions: number | null;
  readonly queues: { readonly left: number | null; readonly total: number };
  readonly messages: { readonly moved: number | null; readonly total: number };
  readonly disconnected: number;
  /** Of what this phase counts down: sessions, or queues. Per second; null while it is not known. */
  readonly rate: number | null;
  /** Milliseconds. */
  readonly eta: number | null;
  /** Why nothing is done just now. */
  readonly paused: string | undefined;
}

/** Milliseconds over which a speed is measured. */
const SPAN = 30_000;

/** Measures how fast a number goes down. */
export class RateMeter {
  private samples: { readonly left: number; readonly at: number }[] = [];

  /** Begins anew, where another number is counted. */
  reset(): void {
    this.samples = [];
  }

  /** @returns per second, and the milliseconds until nothing is left; null where it does not go down */
  add(left: number, at: number): { readonly rate: number | null; readonly eta: number | null } {
    this.samples = [...this.samples.filter((sample) => at - sample.at <= SPAN), { left, at }];
    const [first] = this.samples;
    if (!first || at <= first.at || left >= first.left) return { rate: null, eta: null };
    const rate = ((first.left - left) * 1000) / (at - first.at);
    return { rate, eta: (left / rate) * 1000 };
  }
}

export function progressOf(
  state: StagedState,
  { leaver, now, blind }: Look,
  meter: RateMeter,
  paused: string | undefined,
): StagedProgress {
  const { total } = state;
  const sessions = leaver?.sessions ?? null;
  const counted = state.stand === 'migrate' ? leaver?.queues : leaver?.sessions;
  const speed = counted === undefined ? { rate: null, eta: null } : meter.add(counted, now);
  const moved = leaver && state.queueOut !== undefined ? leaver.queueOut - state.queueOut : null;
  return {
    stand: state.stand,
    elapsed: now - state.since,
    sessions,
    queues: { left: leaver?.queues ?? null, total: total.queues },
    messages: { moved: moved === null ? null : Math.min(moved, total.messages), total: total.messages },
    disconnected: state.disconnected,
    ...speed,
    paused: blind ?? paused,
  };
}
