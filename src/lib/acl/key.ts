import { Failure } from '../failure.js';

/** The three parts that a user record is found by. `clientId` may be `*`: the record for any client id. */
export interface RecordName {
  readonly mountpoint: string;
  readonly clientId: string;
  readonly username: string;
}

/** The client id of a record that serves any client. The broker reads it only where there is no record of the exact id. */
export const ANY_CLIENT = '*';

/** A string in MQTT has at most this many bytes. */
const LONGEST_MQTT_STRING = 65_535;

const PARTS = { mountpoint: 'mountpoint', clientId: 'client id', username: 'username' } as const;

/** Nearly every key: ASCII in which nothing is escaped. It can be spelled in no other way, and is read many times faster. */
const PLAIN_KEY = /^\["([ !#-[\]-~]*)","([ !#-[\]-~]*)","([ !#-[\]-~]*)"\]$/;

/**
 * The Redis key of a record, byte for byte as the broker builds it: the compact JSON of its encoder, which differs
 * from `JSON.stringify` in escaping U+2028 and U+2029 and in writing U+FFFD where the text is not Unicode.
 */
export function recordKey({ mountpoint, clientId, username }: RecordName): string {
  const plain = `["${mountpoint}","${clientId}","${username}"]`;
  if (PLAIN_KEY.test(plain)) return plain;
  const parts = [mountpoint, clientId, username].map((part) => part.replace(/\p{Surrogate}/gu, '\uFFFD'));
  return JSON.stringify(parts).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** What a key names, or undefined when it is not spelled exactly as the broker spells it and so is never read. */
export function parseRecordKey(key: string): RecordName | undefined {
  const [, mountpoint, clientId, username] = PLAIN_KEY.exec(key) ?? [];
  if (mountpoint !== undefined && clientId !== undefined && username !== undefined)
    return { mountpoint, clientId, username };
  const name = readTriple(key);
  return name && recordKey(name) === key ? name : undefined;
}

/**
 * The right spelling of a key that names a record in a spelling the broker never asks for, such as one with spaces
 * after the commas; undefined when it is not an array of three strings at all.
 */
export function canonicalKey(key: string): string | undefined {
  const name = readTriple(key);
  return name && recordKey(name);
}

/**
 * Checks that the broker can find a record of this name.
 *
 * @throws Failure (usage) naming the part that makes it impossible
 */
export function assertUsableName(name: RecordName): void {
  for (const part of ['mountpoint', 'clientId', 'username'] as const) {
    const problem = partProblem(name[part]);
    if (problem) throw unusable(part, problem.reason, problem.hint[part]);
  }
  if (name.clientId === '') {
    const hint = `A client without an id is given one by the broker; --client-id '${ANY_CLIENT}' serves any client.`;
    throw unusable('clientId', 'is empty, and no client has an empty id', hint);
  }
}

interface PartProblem {
  readonly reason: string;
  readonly hint: Readonly<Record<keyof RecordName, string>>;
}

function partProblem(text: string): PartProblem | undefined {
  if (text.includes(' ')) {
    const split = 'The broker splits its question to Redis at every space';
    return {
      reason: 'contains a space, so the broker never finds the record',
      hint: {
        mountpoint: `${split}; use a mountpoint without one.`,
        clientId: `${split}; a record for any client (--client-id '${ANY_CLIENT}') does serve such a client.`,
        username: `${split}; use a username without one.`,
      },
    };
  }
  if (text.includes('\0')) return { reason: 'contains NUL, which MQTT does not allow', hint: leaveOut };
  if (Buffer.byteLength(text) > LONGEST_MQTT_STRING) {
    return { reason: `has more than ${LONGEST_MQTT_STRING} bytes, which MQTT does not allow`, hint: shorten };
  }
  return undefined;
}

const everywhere = (text: string) => ({ mountpoint: text, clientId: text, username: text });
const leaveOut = everywhere('Leave the NUL out.');
const shorten = everywhere('Use a shorter one.');

function unusable(part: keyof typeof PARTS, reason: string, hint: string): Failure {
  return new Failure('usage', 'unusable_name', `the ${PARTS[part]} ${reason}`, { hint, details: { part } });
}

function readTriple(key: string): RecordName | undefined {
  const value = parseJson(key);
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [mountpoint, clientId, username] = value as unknown[];
  if (typeof mountpoint !== 'string' || typeof clientId !== 'string' || typeof username !== 'string')
    return undefined;
  return { mountpoint, clientId, username };
}

/** Undefined for text that is not JSON: for a key that is an answer, not an error. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
