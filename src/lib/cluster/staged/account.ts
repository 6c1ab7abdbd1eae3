import { Failure } from '../../failure.js';
import { type Account, takeAccount } from '../leave/account.js';
import { waitForStop } from '../leave/conclude.js';
import { LIST_DEADLINE, withEarlier } from '../leave/record.js';
import { observe } from '../observe.js';
import { listQueues, queuesOn } from '../queues.js';
import { type ClusterView, memberOf, mergeViews } from '../view.js';
import type { StagedContext } from './context.js';
import { RESUME } from './endings.js';
import { keptStock } from './journal.js';
import type { Delivered, StagedState } from './state.js';

export interface Reckoning {
  readonly account: Account;
  /** Messages that wait no more and that nobody can have fetched; null where that cannot be told. */
  readonly lost: number | null;
  readonly stopped: boolean | null;
}

/**
 * Looks once more, right before the queues move, what the node holds: clients have come, gone and fetched since it was
 * begun. What it held before and holds no more still has to be found in the end.
 */
export async function renewStock(
  { fleet, store, signal }: StagedContext,
  id: string,
  node: string,
  coordinator: string,
): Promise<void> {
  const queues = await listQueues(fleet.rpc(coordinator), { deadline: LIST_DEADLINE, signal });
  await store.keep(id, withEarlier(queuesOn(queues, node), await keptStock(store, id)));
}

export const deliveredBy = (view: ClusterView, survivors: readonly string[]): Delivered =>
  Object.fromEntries(
    survivors.flatMap((name) => {
      const delivered = memberOf(view, name)?.own?.counters?.queueOut;
      return delivered === undefined ? [] : [[name, delivered]];
    }),
  );

/** @throws Failure: what it could not be taken for; it can be taken later */
export async function reckon(
  { fleet, store, signal }: StagedContext,
  id: string,
  state: StagedState,
  coordinator: string,
): Promise<Reckoning> {
  const { node, address } = state;
  try {
    const before = await keptStock(store, id);
    const stopped = address === null ? null : await waitForStop(fleet, address, signal);
    const after = await listQueues(fleet.rpc(coordinator), { deadline: LIST_DEADLINE, signal });
    const account = takeAccount(node, before, after);
    // After the list: what was fetched by then is counted.
    const now = deliveredBy(mergeViews(await observe(fleet, signal)), Object.keys(account.placed));
    return { account, lost: lostOf(account, state.delivered, now), stopped };
  } catch (thrown) {
    throw thrown instanceof Failure ? notTaken(thrown, node) : thrown;
  }
}

/** What clients that are away again cannot have fetched, because the members have not delivered so much since. */
export function lostOf({ fewer }: Account, before: Delivered | undefined, now: Delivered): number | null {
  const gone = fewer.reduce((sum, queue) => sum + queue.before - queue.after, 0);
  if (gone === 0) return 0;
  let fetched = 0;
  for (const [name, delivered] of Object.entries(now)) {
    const since = delivered - (before?.[name] ?? Number.POSITIVE_INFINITY);
    // It has joined or was started again since: nobody has counted what it delivered.
    if (since < 0) return null;
    fetched += since;
  }
  return Math.max(0, gone - fetched);
}

const notTaken = ({ kind, code, message, hint, cause }: Failure, node: string) =>
  new Failure(kind, code, `${node} has left; its account was not taken: ${message}`, {
    hint: [`Take it with ${RESUME(node)}; do not wipe the data of ${node} before.`, hint ?? '']
      .join(' ')
      .trim(),
    cause,
  });
