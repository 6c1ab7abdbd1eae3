import { applyChange, type RecordChange } from './change.js';
import { type RecordName, recordKey } from './key.js';
import { formatRecord, readStoredRecord, requireRecord, type StoredRecord, toPlain } from './record-json.js';
import { recordProblems } from './schema.js';
import type { AclStore, Decision } from './store.js';

export interface SetRequest {
  readonly name: RecordName;
  readonly change: RecordChange;
  /** Write a new record, whatever is there. The change must then name everything. */
  readonly replace: boolean;
  readonly dryRun: boolean;
  /** The brokers' `topic_max_depth`. */
  readonly maxDepth?: number | undefined;
}

export interface SetReport {
  readonly name: RecordName;
  readonly key: string;
  readonly outcome: 'created' | 'changed' | 'replaced' | 'unchanged';
  readonly dryRun: boolean;
  /** As it is now; after a dry run, as it would be. With its passhash, and with ordinary numbers. */
  readonly record: StoredRecord;
  /** What the broker would not read as it is meant, in what the change did not name. */
  readonly problems: readonly string[];
}

/**
 * Creates or changes one record. Everything or nothing is written, and no change of another writer is lost.
 *
 * @param request with a name that is usable and a change that was checked
 * @throws Failure: those of the store, and data when the stored record is broken
 */
export async function setRecord(store: AclStore, request: SetRequest): Promise<SetReport> {
  const key = recordKey(request.name);
  const { outcome, record } = request.replace
    ? await replaceRecord(store, key, request)
    : await changeRecord(store, key, request);
  const shown = toPlain(record) as StoredRecord;
  const problems = recordProblems(shown, request.maxDepth);
  return { name: request.name, key, outcome, dryRun: request.dryRun, record: shown, problems };
}

type Outcome = Pick<SetReport, 'outcome' | 'record'>;

async function replaceRecord(store: AclStore, key: string, { change, dryRun }: SetRequest): Promise<Outcome> {
  const record = applyChange(undefined, change);
  const existed = dryRun ? await store.exists(key) : await store.put(key, formatRecord(record));
  return { outcome: existed ? 'replaced' : 'created', record };
}

async function changeRecord(store: AclStore, key: string, { change, dryRun }: SetRequest): Promise<Outcome> {
  const decide = (text: string | undefined) => decideChange(key, text, change);
  return dryRun ? decide(await store.get(key)) : await store.update(key, decide);
}

/** Unchanged is what means the same: the bytes in the store are then left alone. */
function decideChange(key: string, text: string | undefined, change: RecordChange): Decision & Outcome {
  const current = text === undefined ? undefined : requireRecord(key, readStoredRecord(text));
  const record = applyChange(current, change);
  const next = formatRecord(record);
  if (current === undefined) return { write: next, outcome: 'created', record };
  if (formatRecord(current) === next) return { write: undefined, outcome: 'unchanged', record };
  return { write: next, outcome: 'changed', record };
}
