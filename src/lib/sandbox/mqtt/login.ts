import { ANY_CLIENT, type RecordName, recordKey } from '../../acl/key.js';
import { isUsablePasshash } from '../../acl/passhash.js';
import { verifyPassword } from '../../acl/password.js';
import { readRecord } from '../../acl/record-reading.js';
import type { RecordSource } from '../records.js';

/** The code is that of a CONNACK of MQTT 3.1.1. */
export type Login =
  | { readonly accepted: true; readonly record: unknown }
  | { readonly accepted: false; readonly returnCode: 4 | 5 };

/** No record, a wrong password, or no answer from Redis, which looks the same to the broker. */
const BAD_CREDENTIALS: Login = { accepted: false, returnCode: 4 };
/** No credentials, or a record that the broker's script fails on. */
const NOT_AUTHORIZED: Login = { accepted: false, returnCode: 5 };

export interface Credentials {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Decides a login as `redis.lua` does: by the client's own record, else by that for any client of the user. */
export async function login(
  records: RecordSource,
  { clientId, username, password }: Credentials,
): Promise<Login> {
  if (username === undefined || password === undefined) return NOT_AUTHORIZED;
  const text = await lookUp(records, { mountpoint: '', clientId, username });
  if (text === null) return BAD_CREDENTIALS;
  const record = parse(text);
  const passhash = readRecord(record)?.passhash;
  if (passhash === undefined || !isUsablePasshash(passhash)) return NOT_AUTHORIZED;
  return (await verifyPassword(password, passhash)) ? { accepted: true, record } : BAD_CREDENTIALS;
}

async function lookUp(records: RecordSource, name: RecordName): Promise<string | null> {
  return (await get(records, name)) ?? (await get(records, { ...name, clientId: ANY_CLIENT }));
}

async function get(records: RecordSource, name: RecordName): Promise<string | null> {
  const key = recordKey(name);
  // The script's command is split at spaces, so a key with one is never asked for.
  if (key.includes(' ')) return null;
  try {
    return await records.get(key);
  } catch {
    // As in the broker, an error of Redis is not told apart from a missing record.
    return null;
  }
}

/** Undefined for text that is no JSON, which then reads like a broken record. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
