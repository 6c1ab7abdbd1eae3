import { type Fleet, observe } from '../observe.js';
import { listQueues, type Queue, totalsOf } from '../queues.js';
import { takeAccount } from './account.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent, LeaveReport } from './events.js';
import { explainInterruption } from './failures.js';
import type { LeaveRecord } from './journal.js';
import { LIST_DEADLINE } from './record.js';

/**
 * All members agree: takes the account, and only then forgets the record.
 *
 * @param leaver address of the node that left, if it was ever known
 */
export async function* conclude(
  { fleet, journal, signal }: LeaveContext,
  coordinator: string,
  record: LeaveRecord,
  leaver: string | null,
  resumed: boolean,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const took = fleet.clock.now() - record.sentAt;
  yield { type: 'departed', survivors: record.survivors };
  const stopping = record.path === 'migrate' && leaver ? waitForStop(fleet, leaver, signal) : null;
  const stopped = await (stopping?.catch((thrown) => withoutAccount(thrown, record)) ?? null);
  const after = await listQueues(fleet.rpc(coordinator), { deadline: LIST_DEADLINE, signal }).catch(
    (thrown) => withoutAccount(thrown, record),
  );
  await journal.remove(record.node);
  const { node, path, survivors, before, late = false } = record;
  const account = path === 'migrate' ? takeAccount(node, before, after) : null;
  const recreated = path === 'remove' ? countNew(before, after) : null;
  return { node, path, survivors, resumed, took, account, accountIsLate: late, recreated, stopped };
}

const withoutAccount = (thrown: unknown, { node }: LeaveRecord) =>
  explainInterruption(
    thrown,
    `${node} has left; its account was not taken`,
    'Run the same command again: it takes the account.',
  );

const countNew = (before: readonly Queue[], after: readonly Queue[]) =>
  Math.max(0, totalsOf(after).queues - totalsOf(before).queues);

/** The broker stops itself about two seconds after it has left; its data must not be touched before. */
export async function waitForStop(fleet: Fleet, leaver: string, signal?: AbortSignal): Promise<boolean> {
  const until = fleet.clock.now() + 15_000;
  const alone = { ...fleet, seeds: [leaver], deadline: 1000 };
  while (fleet.clock.now() < until && !signal?.aborted) {
    const [observation] = await observe(alone, signal, { follow: false });
    if (observation && 'error' in observation) return true;
    await fleet.clock.sleep(500, signal);
  }
  return false;
}
