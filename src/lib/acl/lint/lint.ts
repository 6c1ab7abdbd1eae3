import { Failure } from '../../failure.js';
import type { Broker } from '../authorize/broker.js';
import { ANY_CLIENT, canonicalKey, parseRecordKey, type RecordName, recordKey } from '../key.js';
import type { ListFilter } from '../list.js';
import type { AclStore, ScannedKey, StoredValue } from '../store.js';
import type { Finding, Remark } from './finding.js';
import { keyRemarks } from './key-rules.js';
import { recordRemarks } from './record-rules.js';

export interface LintPage {
  readonly records: number;
  readonly findings: readonly Finding[];
}

/**
 * Looks through the records for what the broker cannot match, or reads as more than was meant, page by page.
 *
 * @throws Failure: those of the store, and interrupted when the signal is aborted
 */
export async function* lintRecords(
  store: AclStore,
  filter: ListFilter,
  broker: Broker,
  signal: AbortSignal,
): AsyncGenerator<LintPage> {
  for await (const scanned of store.scan()) {
    if (signal.aborted)
      throw new Failure('interrupted', 'interrupted', 'interrupted: not all records were looked at');
    const keys = scanned.filter(({ key }) => fits(nameOf(key), filter)).sort(byKey);
    const values = await store.read(keys.map(({ key }) => key));
    const fallbacks = await existingFallbacks(store, keys);
    const findings = keys.flatMap((key, index) => findingsOf(key, values[index], fallbacks, broker));
    yield { records: keys.length, findings };
  }
}

const byKey = (one: ScannedKey, other: ScannedKey) => (one.key < other.key ? -1 : 1);

/** Also of a key in a spelling that the broker does not ask for. */
function nameOf(key: string): RecordName | undefined {
  const canonical = canonicalKey(key);
  return canonical === undefined ? undefined : parseRecordKey(canonical);
}

const fits = (name: RecordName | undefined, filter: ListFilter): boolean =>
  (['mountpoint', 'clientId', 'username'] as const).every(
    (part) => filter[part] === undefined || filter[part] === name?.[part],
  );

const fallbackOf = (name: RecordName): string => recordKey({ ...name, clientId: ANY_CLIENT });

/** The keys of records for any client that there are beside those of single clients. */
async function existingFallbacks(store: AclStore, keys: readonly ScannedKey[]): Promise<ReadonlySet<string>> {
  const names = keys
    .flatMap(({ key }) => nameOf(key) ?? [])
    .filter(({ clientId }) => clientId !== ANY_CLIENT);
  const candidates = [...new Set(names.map(fallbackOf))];
  const values = await store.read(candidates);
  return new Set(candidates.filter((_, index) => values[index] !== undefined));
}

/** Nothing for a record that is gone since its key was seen. */
function findingsOf(
  scanned: ScannedKey,
  value: StoredValue | undefined,
  fallbacks: ReadonlySet<string>,
  broker: Broker,
): Finding[] {
  if (!value) return [];
  const name = nameOf(scanned.key);
  const remarks = [
    ...keyRemarks(scanned, broker),
    ...valueRemarks(value, name, broker),
    ...(name && name.clientId !== ANY_CLIENT && fallbacks.has(fallbackOf(name)) ? [besideFallback()] : []),
  ];
  return remarks.map((remark) => ({ key: scanned.key, name, ...remark }));
}

function valueRemarks(value: StoredValue, name: RecordName | undefined, broker: Broker): readonly Remark[] {
  if (value.kind === 'text') return recordRemarks(value.text, name, broker);
  const notText = {
    rule: 'not-text',
    severity: 'error',
    fix: 'Write it anew: vmqctl acl set --replace.',
  } as const;
  if (value.kind === 'not-utf8')
    return [{ ...notText, message: 'is not UTF-8: the broker puts replacement characters into it' }];
  return [
    { ...notText, message: `is a Redis ${value.type}, not a string: to the broker there is no such record` },
  ];
}

const besideFallback = (): Remark => ({
  rule: 'beside-fallback',
  severity: 'info',
  message:
    'there is a record for any client of this user too: removing this one does not lock the client out',
  fix: 'To lock it out, remove both, or keep this one with another password.',
});
