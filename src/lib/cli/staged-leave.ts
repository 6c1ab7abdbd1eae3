import { explainInterruption } from '../cluster/leave/failures.js';
import { acquireLock } from '../cluster/operations/lock.js';
import { fileStore } from '../cluster/operations/store.js';
import type { StagedContext, StagedEvent, StagedReport } from '../cluster/staged/context.js';
import { beginStaged, brokeOff, findOver, pickUpStaged } from '../cluster/staged/operation.js';
import { planStaged, type StagedPlan, type StagedWish } from '../cluster/staged/plan.js';
import { runStaged } from '../cluster/staged/run.js';

/** `begin` a new one, go on with (`resume`) or undo (`abort`) one that was begun. */
export type StagedMode = 'begin' | 'resume' | 'abort';

export interface StagedJob {
  readonly mode: StagedMode;
  readonly wish: StagedWish;
  readonly folder: string;
  /** Shows the plan, and asks; throws where the answer is no. */
  readonly consent: (plan: StagedPlan) => Promise<void>;
}

/**
 * A staged leave from its plan to its report; one at a time per node on this machine.
 *
 * @throws Failure
 */
export async function* stagedLeave(
  given: Omit<StagedContext, 'store'>,
  { mode, wish, folder, consent }: StagedJob,
): AsyncGenerator<StagedEvent, StagedReport> {
  const store = fileStore(folder);
  const context = { ...given, store };
  const lock = await acquireLock(folder, wish.node, `a staged leave of ${wish.node}`);
  try {
    for (const { message } of await store.unreadable())
      yield { type: 'warning', message: `${message}; a leave that it tells of is not taken up` };
    if (mode !== 'begin') return yield* goOn(context, wish, mode === 'abort');
    const over = await findOver(context, wish.node).catch(nothingChanged);
    const plan = await planStaged(context, wish).catch(nothingChanged);
    await consent(plan);
    if (over && brokeOff(over, plan, context.fleet.clock.now()))
      yield { type: 'warning', message: EARLIER_QUEUES };
    return yield* runStaged(context, await beginStaged(context, plan, over), { abort: false });
  } finally {
    await lock.release();
  }
}

const EARLIER_QUEUES =
  'an earlier leave of this node broke off: the queues that it held then are in this account too';

const nothingChanged = (thrown: unknown) =>
  explainInterruption(thrown, 'interrupted before anything was changed', 'Begin it again when you like.');

async function* goOn(
  context: StagedContext,
  { node, options }: StagedWish,
  abort: boolean,
): AsyncGenerator<StagedEvent, StagedReport> {
  const record = await pickUpStaged(context, node, { abort, options });
  const { id: operation, startedAt } = record;
  yield { type: 'resumed', operation, startedAt, phase: record.state.stand };
  return yield* runStaged(context, record, { abort });
}
