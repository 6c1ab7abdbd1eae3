import { ANY_CLIENT, recordKey } from '../key.js';
import type { ProtocolVersion } from './action.js';
import type { Broker } from './broker.js';
import { type ClientAcl, forClient } from './client-acl.js';
import { readRecord } from './record.js';

/** A password as it comes over the wire; `assumed-right` where only what follows a login is asked for. */
export type Password =
  | { readonly kind: 'given'; readonly bytes: Uint8Array }
  | { readonly kind: 'none' }
  | { readonly kind: 'assumed-right' };

export interface Client {
  readonly mountpoint: string;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Password;
  readonly protocol: ProtocolVersion;
  readonly cleanSession: boolean;
}

/** What the broker gets for a key: text, nothing, or an error. It takes an error for nothing. */
export type Found =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'error'; readonly problem: string };

/** How the records are looked up, and how a password is compared with a passhash. */
export interface Sources {
  readonly find: (key: string) => Promise<Found>;
  readonly verify: (password: Uint8Array, passhash: string) => Promise<boolean>;
  /** Whether the broker can compare a password with this at all. */
  readonly isUsable: (passhash: string) => boolean;
  /** How the text of a record is read, where not each time anew. */
  readonly read?: typeof readRecord;
}

/** A key that the broker asks for, and what came of it. */
export interface LookUp {
  readonly key: string;
  readonly outcome: 'found' | 'missing' | 'error' | 'contains_space';
  readonly problem?: string;
}

export type ConnectReason =
  | 'accepted'
  | 'malformed'
  | 'client_id_refused'
  | 'no_credentials'
  | 'no_record'
  | 'not_json'
  | 'bad_passhash'
  | 'wrong_password'
  | 'broken_record';

export interface ConnectDecision {
  readonly allowed: boolean;
  readonly reason: ConnectReason;
  readonly lookUps: readonly LookUp[];
  /** Of the record that decides. */
  readonly key?: string;
  /** The member of the record that is the obstacle. */
  readonly field?: string;
  /** More about the obstacle; begins with a verb where there is a field. */
  readonly problem?: string;
  readonly passwordChecked: boolean;
  readonly acl?: ClientAcl;
}

/** A client without an id is given one by the broker. Nobody knows it before, so it is in no record and in no topic. */
const GENERATED_ID = '\0';

/** Decides a CONNECT as the stock script does: by the client's own record, else by that for any client of the user. */
export async function decideConnect(
  client: Client,
  sources: Sources,
  broker: Broker,
): Promise<ConnectDecision> {
  const refusal = refusedBeforehand(client, broker);
  if (refusal) return { allowed: false, lookUps: [], passwordChecked: false, ...refusal };
  const lookUps: LookUp[] = [];
  for (const key of keysOf(client)) {
    const found = await lookUp(key, sources);
    lookUps.push(found.lookUp);
    if (found.text === undefined) continue;
    return { lookUps, key, ...(await judgeRecord(found.text, client, sources, broker)) };
  }
  return { allowed: false, reason: 'no_record', lookUps, passwordChecked: false };
}

type Refusal = Pick<ConnectDecision, 'reason' | 'problem'>;

/** What the broker refuses before it looks for a record. */
function refusedBeforehand(client: Client, broker: Broker): Refusal | undefined {
  const { clientId, username, password, protocol, cleanSession } = client;
  if (clientId.includes('\0')) return { reason: 'malformed', problem: 'the client id contains NUL' };
  if (username?.includes('\0')) return { reason: 'malformed', problem: 'the username contains NUL' };
  if (clientId === '' && (protocol === 3 || (protocol === 4 && !cleanSession)))
    return { reason: 'client_id_refused', problem: 'is empty' };
  const bytes = Buffer.byteLength(clientId);
  if (bytes > broker.maxClientIdSize)
    return {
      reason: 'client_id_refused',
      problem: `has ${bytes} bytes, more than ${broker.maxClientIdSize}`,
    };
  if (username === undefined) return { reason: 'no_credentials', problem: 'there is no username' };
  return password.kind === 'none' ? { reason: 'no_credentials', problem: 'there is no password' } : undefined;
}

/** The second key is asked for only where the first one has nothing. */
function* keysOf({ mountpoint, clientId, username = '' }: Client): Generator<string> {
  // No client can have the id that its own record would be found by.
  if (clientId !== '') yield recordKey({ mountpoint, clientId, username });
  if (clientId !== ANY_CLIENT) yield recordKey({ mountpoint, clientId: ANY_CLIENT, username });
}

async function lookUp(key: string, { find }: Sources): Promise<{ lookUp: LookUp; text?: string }> {
  // The broker splits its question at every space, and Redis refuses it.
  if (key.includes(' ')) return { lookUp: { key, outcome: 'contains_space' } };
  const found = await find(key);
  if (found.kind === 'text') return { lookUp: { key, outcome: 'found' }, text: found.text };
  if (found.kind === 'missing') return { lookUp: { key, outcome: 'missing' } };
  return { lookUp: { key, outcome: 'error', problem: found.problem } };
}

type Judgement = Omit<ConnectDecision, 'lookUps' | 'key'>;

async function judgeRecord(
  text: string,
  client: Client,
  { verify, isUsable, read = readRecord }: Sources,
  broker: Broker,
): Promise<Judgement> {
  const no = { allowed: false, passwordChecked: false } as const;
  const record = read(text, broker);
  if (!record.ok) return { ...no, reason: 'not_json', problem: record.reason };
  const { passhash, lists: reading } = record;
  if (passhash === undefined)
    return { ...no, reason: 'bad_passhash', field: 'passhash', problem: 'is missing or no string' };
  if (!isUsable(passhash))
    return { ...no, reason: 'bad_passhash', field: 'passhash', problem: 'is none that the broker can use' };
  const { password } = client;
  const passwordChecked = password.kind === 'given';
  if (password.kind === 'given' && !(await verify(password.bytes, passhash)))
    return { ...no, reason: 'wrong_password', passwordChecked };
  if (!reading.ok)
    return {
      ...no,
      reason: 'broken_record',
      field: reading.field,
      problem: reading.problem,
      passwordChecked,
    };
  const who = {
    mountpoint: client.mountpoint,
    clientId: client.clientId || GENERATED_ID,
    username: client.username ?? '',
  };
  return { allowed: true, reason: 'accepted', passwordChecked, acl: forClient(reading.lists, who) };
}
