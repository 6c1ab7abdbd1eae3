import type { AclStore } from '../acl/store.js';
import { Failure } from '../failure.js';
import type { Connect, Credentials, ProbeClient } from './client.js';
import type { ProbeJournal, ProbeJournals } from './journal.js';
import { probeNames } from './names.js';
import { type Provision, removeRecords, setRecords } from './provision.js';
import { UNAVAILABLE } from './refusals.js';

/** What it takes to remove what a probe has left. */
export interface CleanUpAccess {
  readonly connect: Connect;
  /** Of the operator; a probe with records of its own needs none. */
  readonly credentials: Credentials | undefined;
  openStore(redis: string): Promise<AclStore>;
  /** Milliseconds for each connection. */
  readonly deadline: number;
}

/**
 * Removes what a journal names, then the journal. It can be repeated: what is gone already is no mistake.
 *
 * @throws Failure when something may still be there; the journal then stays
 */
export async function cleanUp(
  access: CleanUpAccess,
  journals: ProbeJournals,
  journal: ProbeJournal,
): Promise<void> {
  if (journal.records === null) await cleanBroker(access, journal, access.credentials);
  else await cleanWithRecords(access, journal, journal.records);
  await journals.remove(journal.id);
}

/** The password of its records is on no disk: they are given a new one, to log in with for the last time. */
async function cleanWithRecords(
  access: CleanUpAccess,
  journal: ProbeJournal,
  { redis, mountpoint }: NonNullable<ProbeJournal['records']>,
): Promise<void> {
  const { id, prefix, urls, retained, sessions } = journal;
  const provision: Provision = { id, prefix, mountpoint, nodes: urls.length };
  const store = await access.openStore(redis);
  try {
    if (retained || sessions) await cleanBroker(access, journal, await setRecords(store, provision));
    await removeRecords(store, provision);
  } finally {
    store.close();
  }
}

async function cleanBroker(
  access: CleanUpAccess,
  journal: ProbeJournal,
  credentials: Credentials | undefined,
): Promise<void> {
  const { id, prefix, urls, retained, sessions } = journal;
  const names = probeNames(id, prefix);
  const onAny = (index: number, clientId: string) =>
    connectToAny(access, journal, credentials, [...urls.slice(index), ...urls.slice(0, index)], clientId);
  for (const index of urls.keys()) {
    // A clean session replaces the one that was there, on whatever node, and ends with its connection.
    if (sessions) await (await onAny(index, names.traveller(index))).end();
    if (retained) await removeRetained(await onAny(index, names.client(index)), names.retainedOf(index));
  }
}

async function removeRetained(client: ProbeClient, topic: string): Promise<void> {
  try {
    await client.publish(topic, '', { qos: 1, retain: true });
  } finally {
    await client.end();
  }
}

/** @throws the Failure of the last node when none takes it, or of the first that is up and takes no clients now */
async function connectToAny(
  { connect, deadline }: CleanUpAccess,
  { protocol, caFile }: ProbeJournal,
  credentials: Credentials | undefined,
  urls: readonly string[],
  clientId: string,
): Promise<ProbeClient> {
  let last: unknown;
  for (const url of urls) {
    try {
      return await connect({ url, clientId, protocol, credentials, caFile, deadline });
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      // It is up. Where messages of a session cannot get to another member it holds on to them, out of reach of others.
      if (thrown.code === UNAVAILABLE.code) throw thrown;
      last = thrown;
    }
  }
  throw last;
}
