import { isUtf8 } from 'node:buffer';
import { brokenRecord } from './record-json.js';
import type { RedisConnection, Reply } from './redis-connection.js';
import { encoded } from './redis-encode.js';
import type { StoredValue } from './store.js';

/**
 * What each of the keys holds, with one question for all of them.
 *
 * @param keys of one lot
 */
export async function readValues(
  server: RedisConnection,
  keys: readonly string[],
): Promise<(StoredValue | undefined)[]> {
  const values = (await server.callEncoded('MGET', encoded('MGET', keys))) as (Buffer | null)[];
  const missing = keys.filter((_, index) => !values[index]);
  // One question for all of them: of what is not there, nobody needs the type.
  const others = missing.length === 0 ? 0 : Number(await server.call('EXISTS', ...missing));
  return await Promise.all(
    values.map((value, index) => {
      if (value) return storedValue(value);
      return others === 0 ? undefined : readOther(server, keys[index] ?? '');
    }),
  );
}

/** The same of strings alone: what is no string seems not to be there. */
export async function readStrings(
  server: RedisConnection,
  keys: readonly string[],
): Promise<(StoredValue | undefined)[]> {
  const values = (await server.callEncoded('MGET', encoded('MGET', keys))) as (Buffer | null)[];
  return values.map((value) => (value ? storedValue(value) : undefined));
}

/** MGET has nothing for a key that is gone and for one that holds no string. */
async function readOther(server: RedisConnection, key: string): Promise<StoredValue | undefined> {
  const type = String(await server.call('TYPE', key));
  return type === 'none' ? undefined : { kind: 'wrong-type', type };
}

function storedValue(bytes: Buffer): StoredValue {
  const { text, isUtf8 } = decoded(bytes);
  return isUtf8 ? { kind: 'text', text } : { kind: 'not-utf8' };
}

/** The text of bytes, and whether it says all of them. */
export function decoded(bytes: Buffer): { readonly text: string; readonly isUtf8: boolean } {
  const text = bytes.toString();
  // Only where something was put in the place of bytes, or stands there itself, they have to be looked at.
  return { text, isUtf8: !text.includes('\uFFFD') || isUtf8(bytes) };
}

/** @throws Failure (data) when it is not text */
export function textOf(reply: Reply, key: string): string | undefined {
  if (!Buffer.isBuffer(reply)) return undefined;
  const value = storedValue(reply);
  if (value.kind === 'text') return value.text;
  throw brokenRecord(key, 'it is not UTF-8');
}
