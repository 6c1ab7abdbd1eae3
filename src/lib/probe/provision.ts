import { randomBytes } from 'node:crypto';
import { type RecordName, recordKey } from '../acl/key.js';
import { hashPassword, LOWEST_COST } from '../acl/password.js';
import { formatRecord } from '../acl/record-json.js';
import type { AclStore } from '../acl/store.js';
import { Secret } from '../secret.js';
import type { Credentials } from './client.js';
import { probeNames } from './names.js';

export interface Provision {
  readonly id: string;
  readonly prefix: string;
  readonly mountpoint: string;
  /** How many nodes. */
  readonly nodes: number;
}

/** A random password cannot be guessed at any cost, and brokers verify one login at a time. */
const COST = LOWEST_COST;

/** Sets a record for each client id of the probe, with a new password, over what may be there of its own. */
export async function setRecords(store: AclStore, provision: Provision): Promise<Credentials> {
  const { username, base, shared } = probeNames(provision.id, provision.prefix);
  const password = randomBytes(24).toString('base64url');
  const text = formatRecord({
    passhash: await hashPassword(password, COST),
    publish_acl: [{ pattern: `${base}/#` }],
    // What is shared is matched with its prefix.
    subscribe_acl: [{ pattern: `${base}/#` }, { pattern: shared }],
  });
  for (const name of recordNames(provision)) await store.put(recordKey(name), text);
  return { username, password: new Secret(password) };
}

/** Removes them; those that are gone already are no mistake. */
export async function removeRecords(store: AclStore, provision: Provision): Promise<void> {
  for (const name of recordNames(provision)) await store.remove(recordKey(name));
}

function recordNames({ id, prefix, mountpoint, nodes }: Provision): RecordName[] {
  const { username, client, traveller } = probeNames(id, prefix);
  return Array.from({ length: nodes }, (_, index) => [client(index), traveller(index)])
    .flat()
    .map((clientId) => ({ mountpoint, clientId, username }));
}
