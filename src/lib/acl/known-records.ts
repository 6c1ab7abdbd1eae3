import { isUsablePasshash } from './passhash.js';
import { readShownRecord, type StoredRecord } from './record-json.js';
import { recordProblems } from './schema.js';

/** What follows the passhash of a record, remembered as flawless. */
const MOST_KNOWN = 4096;
const BEFORE_HASH = '{"passhash":"';
const HASH_ENDS = BEFORE_HASH.length + 60;

/** A record as it is shown, and what is wrong with it; or why it cannot be read. */
export type JudgedRecord =
  | {
      readonly record: StoredRecord;
      readonly problems: readonly string[];
      /** See ListedRecord. */
      readonly shared?: StoredRecord;
    }
  | { readonly reason: string };

const NONE: readonly string[] = [];

/**
 * Reads and judges records. Most of those that somebody wrote in one go differ in their passhash alone: what follows it
 * is read once. The first such texts are remembered, because most stores have few.
 */
export class KnownRecords {
  private readonly known = new Map<string, StoredRecord>();

  read(text: string): JudgedRecord {
    const passhash = usualPasshash(text);
    const rest = passhash === undefined ? '' : text.slice(HASH_ENDS + 1);
    const shared = passhash === undefined ? undefined : this.known.get(rest);
    if (shared) return { record: { passhash, ...shared }, problems: NONE, shared };
    const reading = readShownRecord(text);
    if (!reading.ok) return { reason: reading.reason };
    const { record } = reading;
    const problems = recordProblems(record);
    if (problems.length === 0 && passhash !== undefined) this.remember(rest);
    return { record, problems };
  }

  /** @param rest of a flawless record */
  private remember(rest: string): void {
    if (this.known.size >= MOST_KNOWN || !rest.startsWith(',')) return;
    const reading = readShownRecord(`{${rest.slice(1)}`);
    // Another passhash may follow, which counts.
    if (!reading.ok || Object.hasOwn(reading.record, 'passhash')) return;
    // A part of a text holds all of it in memory.
    this.known.set(Buffer.from(rest).toString(), reading.record);
  }
}

/** The passhash of a text that begins with one. */
function usualPasshash(text: string): string | undefined {
  if (!text.startsWith(BEFORE_HASH) || text[HASH_ENDS] !== '"') return undefined;
  const passhash = text.slice(BEFORE_HASH.length, HASH_ENDS);
  return isUsablePasshash(passhash) ? passhash : undefined;
}
