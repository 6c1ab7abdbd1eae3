import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../../admin/json.js';
import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';
import { isObject } from '../record-json.js';
import type { AclStore, NewText, PackedRecords, StoredValue } from '../store.js';
import type { ListTexts } from './lists.js';
import type { CheckedRow } from './row.js';

export type RowOutcome = 'written' | 'unchanged' | 'skipped' | 'failed';

/** What became of one row; why, where it was neither written nor there already. */
export interface SettledRow {
  readonly outcome: RowOutcome;
  readonly why?: string;
  /** There was nothing of its key, and it was written. */
  readonly isNew?: boolean;
}

/** How passwords become hashes, and are compared with them. */
export interface Hashing {
  /** @throws Failure (data) for a password that bcrypt cannot take */
  hash(password: Secret): Promise<string>;
  verify(password: Secret, passhash: string): Promise<boolean>;
}

export interface SettleOptions {
  /** Leave records alone that are there. */
  readonly keepExisting: boolean;
  /** Decide, and write nothing. */
  readonly dryRun: boolean;
}

export type SettleStore = Pick<AclStore, 'read' | 'readStrings' | 'createAll' | 'createPacked' | 'putAll'>;

/** Brings rows into the store, a page of them with one call. */
export class Settler {
  /**
   * Most imports are of records that are all new, or all there: what the last page was, the next is likely to be. What is
   * new need not be asked for.
   */
  private areNew = true;

  constructor(
    private readonly store: SettleStore,
    private readonly hashing: Hashing,
    private readonly options: SettleOptions,
  ) {}

  /**
   * @param rows of different keys
   * @returns what became of each
   * @throws Failure: those of the store; then nobody can tell which of the rows were written
   */
  async settle(rows: readonly CheckedRow[]): Promise<readonly SettledRow[]> {
    const { store, hashing } = this;
    const { keepExisting, dryRun } = this.options;
    if (this.areNew && !keepExisting && !dryRun && (await this.createdAll(rows)))
      return rows.map(() => CREATED);
    const keys = rows.map(({ key }) => key);
    // Whoever keeps what is there wants to know of everything that is there.
    const stored = keepExisting ? await store.read(keys) : await store.readStrings(keys);
    const decided = rows.map((row, index) =>
      keepExisting && stored[index] ? SKIPPED : textFor(row, stored[index], hashing),
    );
    // Only passwords have to be waited for; most inputs have none.
    const hasToWait = decided.some((one) => one instanceof Promise);
    const texts = hasToWait ? await Promise.all(decided) : (decided as Decided[]);
    const changed = texts.flatMap((text, index): NewText[] =>
      typeof text === 'string'
        ? [{ key: keys[index] ?? '', text, existed: stored[index] !== undefined }]
        : [],
    );
    const inPlace = keys.filter((_, index) => texts[index] === UNCHANGED);
    if (!dryRun) await store.putAll(changed, inPlace);
    this.areNew = stored.every((value) => value === undefined);
    const isNew = (index: number) => !dryRun && stored[index] === undefined;
    return texts.map((text, index) => (typeof text !== 'string' ? text : isNew(index) ? CREATED : WRITTEN));
  }

  /**
   * Whether records were written as they are packed: where none of them was there. Else they are to be settled one by one.
   *
   * @throws Failure: as `settle`
   */
  async created(records: PackedRecords): Promise<boolean> {
    if (!this.areNew || this.options.keepExisting || this.options.dryRun) return false;
    this.areNew = await this.store.createPacked(records);
    return this.areNew;
  }

  /** Whether none of them was there, and all are now. */
  private async createdAll(rows: readonly CheckedRow[]): Promise<boolean> {
    const records: { readonly key: string; readonly text: string }[] = [];
    for (const { key, credential, lists } of rows) {
      if (credential.kind !== 'passhash') return false;
      records.push({ key, text: recordText(credential.passhash, lists) });
    }
    this.areNew = await this.store.createAll(records);
    return this.areNew;
  }
}

/** The text that is to be written, or what becomes of the row without. */
type Decided = string | SettledRow;

const CREATED: SettledRow = { outcome: 'written', isNew: true };
const WRITTEN: SettledRow = { outcome: 'written' };
const SKIPPED: SettledRow = { outcome: 'skipped', why: 'there is a record already' };
const UNCHANGED: SettledRow = { outcome: 'unchanged' };
const failed = (why: string): SettledRow => ({ outcome: 'failed', why });

function textFor(
  { credential, lists }: CheckedRow,
  stored: StoredValue | undefined,
  hashing: Hashing,
): Decided | Promise<Decided> {
  const current = stored?.kind === 'text' ? stored.text : undefined;
  const isNew = (passhash: string): Decided => {
    const text = recordText(passhash, lists);
    return current !== undefined && isSame(current, text) ? UNCHANGED : text;
  };
  if (credential.kind === 'passhash') return isNew(credential.passhash);
  const passhash = current === undefined ? undefined : passhashIn(current);
  if (credential.kind === 'password') return hashed(credential.password, passhash, isNew, hashing);
  return passhash === undefined ? nothingToKeep(credential.why) : isNew(passhash);
}

const nothingToKeep = (why = 'it has neither passhash nor password') =>
  failed(`${why}, and there is no record whose passhash it could keep`);

/** A password that is the right one already is not hashed again: each hash of it would be another one. */
async function hashed(
  password: Secret,
  passhash: string | undefined,
  isNew: (passhash: string) => Decided,
  { hash, verify }: Hashing,
): Promise<Decided> {
  if (passhash !== undefined && (await verify(password, passhash))) return isNew(passhash);
  try {
    return isNew(await hash(password));
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'data') return failed(thrown.message);
    throw thrown;
  }
}

/** The text of a record, its members in the order in which `acl set` has them. */
export const recordText = (passhash: string, { publish, subscribe }: ListTexts): string =>
  `{"passhash":${JSON.stringify(passhash)},"subscribe_acl":${subscribe},"publish_acl":${publish}}`;

/** Whether two texts say the same. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  const read = parseJson(one);
  return read !== undefined && isDeepStrictEqual(read, parseJson(other));
}

function passhashIn(text: string): string | undefined {
  const record = parseJson(text);
  return isObject(record) && typeof record.passhash === 'string' ? record.passhash : undefined;
}
