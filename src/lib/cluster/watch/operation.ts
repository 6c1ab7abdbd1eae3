import { Failure } from '../../failure.js';
import type { Fleet } from '../observe.js';
import { findProblems, isHealthy } from '../problems/find.js';
import { lookAround } from '../reach.js';
import { countQueued, type Queued } from '../show.js';
import type { ClusterView } from '../view.js';
import { afterLook, afterSilence, type WatchState } from './state.js';

/** Counting what is queued asks each queue: it may take this share of the time, at most. */
const COUNTING_SHARE = 0.1;

/**
 * Looks at the cluster again and again, until the signal is aborted.
 *
 * @param interval milliseconds from one look to the next
 * @throws Failure when no node answers the first look; later that is part of the state
 */
export async function* watchCluster(
  fleet: Fleet,
  interval: number,
  signal: AbortSignal,
): AsyncGenerator<WatchState, void> {
  const counter = new QueueCounter(fleet);
  let state: WatchState | undefined;
  while (!signal.aborted) {
    try {
      state = await look(fleet, counter, state, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      if (!(thrown instanceof Failure) || state === undefined) throw thrown;
      state = afterSilence(state, thrown);
    }
    yield state;
    await fleet.clock.sleep(interval, signal);
  }
}

async function look(
  fleet: Fleet,
  counter: QueueCounter,
  before: WatchState | undefined,
  signal: AbortSignal,
): Promise<WatchState> {
  const view = await lookAround(fleet, signal);
  const at = fleet.clock.now();
  const problems = findProblems(view);
  const queued = await counter.count(view, signal);
  return afterLook(before, at, { view, problems, healthy: isHealthy(problems), queued });
}

/** Counts seldom where counting takes long; in between, the last count stands. */
class QueueCounter {
  private last: ReadonlyMap<string, Queued> = new Map();
  private due = 0;

  constructor(private readonly fleet: Fleet) {}

  async count(view: ClusterView, signal: AbortSignal): Promise<ReadonlyMap<string, Queued>> {
    const { clock } = this.fleet;
    const started = clock.now();
    const isKnown = view.members.every(({ name, own }) => !own?.counters || this.last.has(name));
    if (isKnown && started < this.due) return this.ofReached(view);
    this.last = await countQueued(this.fleet, view, signal);
    const ended = clock.now();
    this.due = ended + (ended - started) / COUNTING_SHARE;
    return this.ofReached(view);
  }

  /** Of a node that does not answer any more, nothing is known. */
  private ofReached({ members }: ClusterView): ReadonlyMap<string, Queued> {
    const reached = new Set(members.flatMap(({ name, own }) => (own?.counters ? [name] : [])));
    return new Map([...this.last].filter(([name]) => reached.has(name)));
  }
}
