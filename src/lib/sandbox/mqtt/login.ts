import { type Broker, DEFAULT_BROKER } from '../../acl/authorize/broker.js';
import type { ClientAcl } from '../../acl/authorize/client-acl.js';
import { type ConnectReason, decideConnect, type Found } from '../../acl/authorize/connect.js';
import { isUsablePasshash } from '../../acl/passhash.js';
import { verifyPassword } from '../../acl/password.js';
import type { RecordSource } from '../records.js';

/** The code is that of a CONNACK of MQTT 3.1.1. */
export type Login =
  | { readonly accepted: true; readonly acl: ClientAcl }
  | { readonly accepted: false; readonly returnCode: 2 | 4 | 5 };

/** Of a record that the broker's script fails on, it says that the client is not authorized. */
const RETURN_CODES: Partial<Readonly<Record<ConnectReason, 2 | 4>>> = {
  client_id_refused: 2,
  no_record: 4,
  wrong_password: 4,
};
const NOT_AUTHORIZED = 5;

/** The broker that the sandbox simulates. */
export const SIMULATED_BROKER: Broker = { ...DEFAULT_BROKER, version: '2.1.2' };

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
  const client = {
    mountpoint: '',
    clientId,
    username,
    password:
      password === undefined
        ? ({ kind: 'none' } as const)
        : ({ kind: 'given', bytes: Buffer.from(password) } as const),
    protocol: 4 as const,
    cleanSession: true,
  };
  const sources = {
    find: (key: string) => find(records, key),
    verify: verifyPassword,
    isUsable: isUsablePasshash,
  };
  const { acl, reason } = await decideConnect(client, sources, SIMULATED_BROKER);
  return acl
    ? { accepted: true, acl }
    : { accepted: false, returnCode: RETURN_CODES[reason] ?? NOT_AUTHORIZED };
}

async function find(records: RecordSource, key: string): Promise<Found> {
  try {
    const text = await records.get(key);
    return text === null ? { kind: 'missing' } : { kind: 'text', text };
  } catch {
    // As in the broker, an error of Redis is not told apart from a missing record.
    return { kind: 'error', problem: 'Redis does not answer' };
  }
}
