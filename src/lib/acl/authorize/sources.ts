import { Failure } from '../../failure.js';
import { isUsablePasshash } from '../passhash.js';
import { verifyPassword } from '../password.js';
import type { AclStore, StoredValue } from '../store.js';
import type { Found, Sources } from './connect.js';
import { readRecord, rememberedReading } from './record.js';

/** Records from Redis, and bcrypt as the broker has it. */
export const redisSources = (store: AclStore): Sources => ({
  find: async (key) => {
    const [value] = await store.read([key]);
    return found(key, value);
  },
  verify: verifyOnce(),
  isUsable: isUsablePasshash,
  read: rememberedReading(),
});

/** Records that are at hand. */
export const givenSources = (
  records: ReadonlyMap<string, Found>,
  verify: Sources['verify'],
  read = readRecord,
): Sources => ({
  find: async (key) => records.get(key) ?? { kind: 'missing' },
  verify,
  isUsable: isUsablePasshash,
  read,
});

/** Compares each password with each passhash once: a comparison is slow by design. */
export function verifyOnce(): Sources['verify'] {
  const known = new Map<string, Promise<boolean>>();
  return (password, passhash) => {
    const name = `${Buffer.from(password).toString('base64')} ${passhash}`;
    const result = known.get(name) ?? verifyPassword(password, passhash);
    known.set(name, result);
    return result;
  };
}

/** @throws Failure (data) for a record that cannot be told how the broker reads it */
function found(key: string, value: StoredValue | undefined): Found {
  if (!value) return { kind: 'missing' };
  if (value.kind === 'text') return value;
  if (value.kind === 'wrong-type')
    return { kind: 'error', problem: `it is a Redis ${value.type}, not a string` };
  throw new Failure('data', 'broken_record', `the record ${key} is broken: it is not UTF-8`, {
    hint: 'The broker puts replacement characters into it and reads on. Write it anew: vmqctl acl set --replace.',
    details: { key },
  });
}
