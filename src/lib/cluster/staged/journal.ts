import { Failure } from '../../failure.js';
import { isListOf, isQueue } from '../leave/journal.js';
import type { OperationRecord, StockStore } from '../operations/store.js';
import type { Queue } from '../queues.js';
import type { StagedRecord } from './ledger.js';
import { PHASES, type StagedState } from './state.js';

const STANDS: ReadonlySet<unknown> = new Set([...PHASES, 'restore', 'done', 'aborted']);

/**
 * A record from disk, as far as a leave needs it to go on.
 *
 * @throws Failure (configuration) where somebody has changed it
 */
export function assertReadable(record: OperationRecord): StagedRecord {
  if (isState(record.state)) return { ...record, state: record.state };
  throw unreadable(`the journal of ${record.id}`);
}

/**
 * The queues that the node held at the beginning.
 *
 * @throws Failure (configuration) where they cannot be read
 */
export async function keptStock(store: StockStore, id: string): Promise<readonly Queue[]> {
  const stock = await store.kept(id);
  if (isListOf(stock, isQueue)) return stock as readonly Queue[];
  throw unreadable(`the list of queues of ${id}`);
}

function isState(value: unknown): value is StagedState {
  const state = value as Partial<StagedState> | null;
  return (
    STANDS.has(state?.stand) &&
    typeof state?.node === 'string' &&
    [state.since, state.startedAt, state.disconnected].every(Number.isFinite) &&
    [state.total?.queues, state.total?.messages].every(Number.isFinite) &&
    [state.options?.grace, state.options?.untilSessions].every(Number.isFinite) &&
    isListOf(state.survivors, (name) => typeof name === 'string') &&
    isListOf(state.listeners, isListener) &&
    [state.left, state.suspended, state.restored].every(isSent)
  );
}

function isListener(value: unknown): boolean {
  const { address, port } = (value ?? {}) as Partial<StagedState['listeners'][number]>;
  return typeof address === 'string' && Number.isInteger(port);
}

const isSent = (sent: StagedState['left']): boolean => sent === undefined || Number.isFinite(sent?.at);

const unreadable = (what: string) =>
  new Failure('configuration', 'journal_unreadable', `${what} cannot be read: it was changed by hand`, {
    hint: 'Put it back as it was. Without it, look with vmqctl cluster show where the leave stands, and finish it with vmqctl cluster leave node=… -k. Nothing was changed.',
  });
