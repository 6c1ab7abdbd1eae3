import { mayPublish, maySubscribe } from '../../acl/authorize.js';
import { ANY_CLIENT, parseRecordKey, type RecordName, recordKey } from '../../acl/key.js';
import { isUsablePasshash } from '../../acl/passhash.js';
import { readRecord } from '../../acl/record-reading.js';
import { recordProblems } from '../../acl/schema.js';
import type { AclStore } from '../../acl/store.js';
import { parseJson } from '../../admin/json.js';
import { Failure } from '../../failure.js';

/** What the records say of the client; it is what a broker decides when the client connects the next time. */
export interface Rights {
  readonly name: RecordName;
  /** Whose record it is: its own, that for any client of the user, or none. */
  readonly source: 'own' | 'any' | 'none';
  /** The key that decides; that of its own record where there is none. */
  readonly key: string;
  /** Why no login succeeds by it, whatever the password. */
  readonly loginFails: string | undefined;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** What the broker does not read as it is meant. */
  readonly problems: readonly string[];
  mayPublish(topic: string): boolean;
  maySubscribe(filter: string, qos: number): boolean;
}

/**
 * Looks the record up as the broker does: its own, else that for any client.
 *
 * @throws Failure: those of the store
 */
export async function readRights(store: AclStore, name: RecordName): Promise<Rights> {
  const own = await lookUp(store, name);
  if (own !== undefined) return rightsBy(name, 'own', recordKey(name), own);
  const any = { ...name, clientId: ANY_CLIENT };
  const fallback = await lookUp(store, any);
  return fallback === undefined
    ? rightsBy(name, 'none', recordKey(name), undefined)
    : rightsBy(name, 'any', recordKey(any), fallback);
}

/**
 * By which users a client can log in, as far as there are records with its own id.
 *
 * @throws Failure: those of the store
 */
export async function usersOf(store: AclStore, mountpoint: string, clientId: string): Promise<string[]> {
  const users = new Set<string>();
  for await (const page of store.scan()) {
    for (const { key } of page) {
      const name = parseRecordKey(key);
      if (name?.clientId === clientId && name.mountpoint === mountpoint) users.add(name.username);
    }
  }
  return [...users].sort();
}

/** The broker's question is split at spaces: a key with one is never found. What is no text is no record to it. */
async function lookUp(store: AclStore, name: RecordName): Promise<string | undefined> {
  const key = recordKey(name);
  if (key.includes(' ')) return undefined;
  try {
    return await store.get(key);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'data') return undefined;
    throw thrown;
  }
}

function rightsBy(name: RecordName, source: Rights['source'], key: string, text: string | undefined): Rights {
  const record = text === undefined ? undefined : parseJson(text);
  const readable = record === undefined ? undefined : readRecord(record);
  const patterns = (entries: readonly { readonly pattern: string }[] = []) =>
    entries.map(({ pattern }) => pattern);
  return {
    name,
    source,
    key,
    loginFails: loginFailure(text, readable),
    publish: patterns(readable?.publish),
    subscribe: patterns(readable?.subscribe),
    problems: record === undefined ? [] : recordProblems(record),
    mayPublish: (topic) => mayPublish(record, name, { topic, qos: 0, retain: false, payloadBytes: 0 }),
    maySubscribe: (filter, qos) =>
      maySubscribe(record, name, { filter, qos: qos === 2 ? 2 : qos === 1 ? 1 : 0 }),
  };
}

function loginFailure(text: string | undefined, readable: ReturnType<typeof readRecord>): string | undefined {
  if (text === undefined) return 'there is no record for it, nor one for any client of this user';
  if (readable === undefined) return 'its record is broken: the script of the broker fails on it';
  return isUsablePasshash(readable.passhash) ? undefined : 'its passhash is none that the broker accepts';
}
