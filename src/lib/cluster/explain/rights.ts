import { decidePublish, decideSubscribe } from '../../acl/authorize/action.js';
import { type Broker, DEFAULT_BROKER } from '../../acl/authorize/broker.js';
import { type ConnectDecision, decideConnect } from '../../acl/authorize/connect.js';
import { whyConnect } from '../../acl/authorize/explain.js';
import { redisSources } from '../../acl/authorize/sources.js';
import { parseRecordKey, type RecordName, recordKey } from '../../acl/key.js';
import { recordProblems } from '../../acl/schema.js';
import type { AclStore } from '../../acl/store.js';
import { parseJson } from '../../admin/json.js';

/** What the records say of the client; it is what a broker decides when the client connects the next time. */
export interface Rights {
  readonly name: RecordName;
  /** Whose record it is: its own, that for any client of the user, or none. */
  readonly source: 'own' | 'any' | 'none';
  /** The key that decides; that of its own record where there is none. */
  readonly key: string;
  /** Why no login succeeds by it, whatever the password; it has no rights then. */
  readonly loginFails: string | undefined;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** What the broker does not read as it is meant. */
  readonly problems: readonly string[];
  mayPublish(topic: string): boolean;
  maySubscribe(filter: string, qos: number): boolean;
}

/**
 * Decides a login as the broker does, and what the client may do after it.
 *
 * @throws Failure: those of the store
 */
export async function readRights(
  store: AclStore,
  name: RecordName,
  broker: Broker = DEFAULT_BROKER,
): Promise<Rights> {
  const client = { ...name, password: { kind: 'assumed-right' }, protocol: 4, cleanSession: true } as const;
  const { find, ...sources } = redisSources(store);
  let deciding = ''; // the text that is found ends the search
  const noted = async (key: string) => {
    const found = await find(key);
    if (found.kind === 'text') deciding = found.text;
    return found;
  };
  const connect = await decideConnect(client, { ...sources, find: noted }, broker);
  const acl = connect.acl ?? { publish: [], subscribe: [] };
  return {
    name,
    source: sourceOf(connect, name),
    key: connect.key ?? recordKey(name),
    loginFails: connect.allowed ? undefined : whyConnect(connect),
    publish: acl.publish.flatMap(({ pattern }) => pattern ?? []),
    subscribe: acl.subscribe.flatMap(({ pattern }) => pattern ?? []),
    problems: connect.allowed ? problemsIn(deciding) : [],
    mayPublish: (topic) =>
      decidePublish(acl, { type: 'publish', topic, qos: 0, retain: false, payloadBytes: 0 }, broker).allowed,
    maySubscribe: (filter, qos) =>
      decideSubscribe(
        acl,
        { type: 'subscribe', filters: [{ filter, qos: qos === 2 ? 2 : qos === 1 ? 1 : 0 }] },
        client.protocol,
        broker,
      ).allowed,
  };
}

function sourceOf({ key }: ConnectDecision, name: RecordName): Rights['source'] {
  if (key === undefined) return 'none';
  return key === recordKey(name) ? 'own' : 'any';
}

function problemsIn(text: string): string[] {
  const record = parseJson(text);
  return record === undefined ? [] : recordProblems(record);
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
