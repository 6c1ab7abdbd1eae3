import { isLosslessNumber, isSafeNumber, parse, stringify } from 'lossless-json';
import { Failure } from '../failure.js';

/** A record as it is stored: every member. Its numbers have all their digits where it is to be written again. */
export type StoredRecord = Readonly<Record<string, unknown>>;

export type RecordReading =
  | { readonly ok: true; readonly record: StoredRecord }
  /** The reason never shows what the record holds. */
  | { readonly ok: false; readonly reason: string };

/** Reads the text of a record without losing anything of it, to be written again. A member that is there twice breaks it. */
export const readStoredRecord = (text: string): RecordReading => read(() => parse(text));

/** Reads any JSON without losing anything of it. The reason never shows what it holds. */
export function readLossless(text: string): { readonly value?: unknown; readonly reason?: string } {
  try {
    return { value: parse(text) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/**
 * Reads the text of a record to be looked at, as the broker reads it: of a member that is there twice the last counts.
 * Its numbers are ordinary ones; one that would lose digits becomes a string that keeps them.
 */
export const readShownRecord = (text: string): RecordReading =>
  MAY_LOSE_DIGITS.test(text) ? read(() => toPlain(parse(text, null, LAST_COUNTS))) : readQuickly(text);

const LAST_COUNTS = { onDuplicateKey: ({ newValue }: { newValue: unknown }) => newValue };

/** A number with more digits than a double holds, or an exponent that may be out of its range. */
const MAY_LOSE_DIGITS = /[\d.]{16}|\d[eE][+-]?\d{3}/;

/** Several times faster than the lossless parser, which is asked only for its reason: the other one would quote the record. */
function readQuickly(text: string): RecordReading {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return read(() => parse(text, null, LAST_COUNTS));
  }
}

function read(parseIt: () => unknown): RecordReading {
  try {
    return recordOf(parseIt());
  } catch (error) {
    return { ok: false, reason: `it is not JSON: ${reasonOf(error)}` };
  }
}

/** What has more levels than the stack can hold is refused by the stack. */
function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  return error instanceof Error ? error.message : 'unreadable';
}

const recordOf = (value: unknown): RecordReading =>
  isObject(value) ? { ok: true, record: value } : { ok: false, reason: 'it is not a JSON object' };

/**
 * The record, for who cannot go on without it.
 *
 * @throws Failure (data) when the record is broken
 */
export function requireRecord(key: string, reading: RecordReading): StoredRecord {
  if (reading.ok) return reading.record;
  throw brokenRecord(key, reading.reason);
}

export const brokenRecord = (key: string, reason: string): Failure =>
  new Failure('data', 'broken_record', `the record ${key} is broken: ${reason}`, {
    hint: 'vmqctl acl set --replace writes a new record in its place, with all that it is to hold.',
    details: { key },
  });

/** Compact JSON. */
export function formatRecord(record: StoredRecord): string {
  const text = stringify(record);
  if (text === undefined) throw new TypeError('a record is an object, so it has a JSON text');
  return text;
}

/** The same value with ordinary numbers. A number that would lose digits becomes a string that keeps them. */
export function toPlain(value: unknown): unknown {
  if (isLosslessNumber(value)) return isSafeNumber(value.value) ? Number(value.value) : value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toPlain(member)]));
}

export const isObject = (value: unknown): value is StoredRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
