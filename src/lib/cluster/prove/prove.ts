import { randomBytes } from 'node:crypto';
import { ANY_CLIENT, parseRecordKey, type RecordName } from '../../acl/key.js';
import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';
import type { BouncedSession } from '../bounce/affected.js';
import { sightClient } from '../explain/sightings.js';
import type { Fleet } from '../observe.js';
import type { ClusterView } from '../view.js';
import { type Proof, type TrialContext, tryClient } from './trial.js';

export interface ProveContext extends TrialContext {
  readonly fleet: Fleet;
  readonly view: ClusterView;
  /** Keys of the records that were written, with the password where it is known. */
  readonly written: ReadonlyMap<string, Secret | undefined>;
  readonly removed: readonly string[];
  /** Sessions that were disconnected and came back. */
  readonly back: readonly BouncedSession[];
}

export interface RecordProof extends Proof {
  readonly key: string;
}

export interface ProveProgress {
  readonly tried: number;
  readonly total: number;
}

export interface ProofOutcome {
  readonly records: readonly RecordProof[];
  /** Why it ended early: those of the store, interrupted. What was found out before counts all the same. */
  readonly failure: Failure | null;
}

/**
 * Checks with real clients that changed records are in force, one after the other: brokers verify few passwords at a time.
 */
export async function* proveRecords(context: ProveContext): AsyncGenerator<ProveProgress, ProofOutcome> {
  const { written, removed } = context;
  const records = removed.map((key): RecordProof => ({ key, ...REMOVED }));
  for (const [key, password] of written) {
    try {
      records.push({ key, ...(await proveRecord(context, key, password)) });
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind === 'bug') throw thrown;
      return { records, failure: thrown };
    }
    yield { tried: records.length, total: written.size + removed.length };
  }
  return { records, failure: null };
}

const notProvable = (why: string): Proof => ({ outcome: 'not-provable', why });
const REMOVED = notProvable('it was removed, and no password is known to be refused');

async function proveRecord(context: ProveContext, key: string, password: Secret | undefined): Promise<Proof> {
  const name = parseRecordKey(key);
  if (!name) return notProvable('its key is none of a record');
  const returned = context.back.find(({ record }) => record === key);
  if (returned) return { outcome: 'proven', why: `${returned.clientId} came back with it` };
  if (name.mountpoint !== '') return notProvable('it is not known which listener has its mountpoint');
  if (password === undefined) return notProvable('its password is not known here');
  const isForAny = name.clientId === ANY_CLIENT;
  const who = isForAny ? { ...name, clientId: `vmqctl-prove-${randomBytes(5).toString('hex')}` } : name;
  const obstacle = isForAny ? undefined : await sessionOf(context, name);
  return obstacle === undefined ? await tryClient(context, who, password) : notProvable(obstacle);
}

/** Another client of the same id would end a session that is there, with all that waits in it. */
async function sessionOf(
  { fleet, view, signal }: ProveContext,
  { clientId, mountpoint }: RecordName,
): Promise<string | undefined> {
  const addresses = view.members.flatMap(({ address }) => (address === null ? [] : [address]));
  const isSeen = view.members.every(({ running }) => running === 'yes');
  if (!isSeen) return 'not all nodes see each other, so it may be connected to one of them';
  const [address] = addresses;
  if (address === undefined) return 'no node can say whether it is connected';
  try {
    const options = { deadline: fleet.deadline, signal };
    const rows = await sightClient(fleet.rpc(address), { clientId, mountpoint }, options);
    const [row] = rows;
    if (!row) return undefined;
    return row.isOnline
      ? 'a client of this id is connected, and was not seen to come back'
      : 'it has a session, which a login would end';
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    return `it is not known whether it is connected: ${thrown.message}`;
  }
}
