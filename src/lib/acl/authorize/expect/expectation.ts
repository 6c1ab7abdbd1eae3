import { z } from 'zod';
import { recordKey } from '../../key.js';
import type { Client, Found } from '../connect.js';
import type { Action } from '../decision.js';

export type Outcome = 'allow' | 'deny';

export interface Expectation {
  readonly id: string;
  /** By key; undefined where the records are those in Redis. */
  readonly records: ReadonlyMap<string, Found> | undefined;
  readonly client: Client;
  /** Where the password is, where it is not in the file. */
  readonly passwordFrom: string | undefined;
  readonly action: Action;
  readonly expected: Outcome;
}

const text = z.string();
const qos = z.literal([0, 1, 2], { error: 'must be 0, 1 or 2' });
const protocol = z.literal([3, 4, 5], { error: 'must be 3 (MQTT 3.1), 4 (3.1.1) or 5' });

const value = z.union([text, z.strictObject({ base64: z.base64() }), z.record(text, z.unknown())]);
/** A key is its three parts, or spelled as it is in Redis. */
const stored = z.object({
  key: z.union([z.tuple([text, text, text]), text]).optional(),
  rawKey: text.optional(),
  value,
});
/** A record without a key is the client's own. */
const bare = z
  .record(text, z.unknown())
  .refine((given) => !['key', 'rawKey', 'value'].some((name) => Object.hasOwn(given, name)));
const record = z.union([stored, z.array(stored), bare], {
  error: 'must be {key, value}, a list of those, or a record as it is in Redis',
});

const client = z.strictObject({
  mountpoint: text.default(''),
  clientId: text,
  username: text.optional(),
  password: text.optional(),
  passwordFrom: text.optional(),
  protocolVersion: protocol.default(4),
  clean: z.boolean().default(true),
});

const action = z.union([
  z.literal('connect').transform(() => ({ type: 'connect' }) as const),
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('connect') }),
    z.strictObject({
      type: z.literal('publish'),
      topic: text,
      qos: qos.default(0),
      retain: z.boolean().default(false),
      payloadBytes: z.int().min(0).default(0),
    }),
    z.strictObject({
      type: z.literal('subscribe'),
      topic: text.optional(),
      qos: qos.default(0),
      filters: z.array(z.tuple([text, qos])).optional(),
    }),
  ]),
]);

const outcome = z.literal(['allow', 'deny'], { error: 'must be allow or deny' });

const shape = z
  .object({
    id: text.optional(),
    record: record.optional(),
    connect: client,
    action,
    expect: outcome.optional(),
    decision: outcome.optional(),
    // Recordings of brokers have it.
    detail: z.unknown().optional(),
  })
  .refine((row) => row.expect !== undefined || row.decision !== undefined, {
    path: ['expect'],
    error: 'is missing',
  });

type Row = z.infer<typeof shape>;

/**
 * Reads one expectation.
 *
 * @param number its place in the file, from 1
 * @returns the expectation, or what is wrong with it, each beginning with the member
 */
export function readExpectation(row: unknown, number: number): Expectation | readonly string[] {
  const result = shape.safeParse(row);
  if (!result.success)
    return result.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  const { data } = result;
  return {
    id: data.id ?? `#${number}`,
    records: data.record === undefined ? undefined : readRecords(data.record, data),
    client: readClient(data.connect, data.action.type),
    passwordFrom: data.connect.passwordFrom,
    action: readAction(data.action),
    expected: data.expect ?? data.decision ?? 'deny',
  };
}

function readRecords(given: NonNullable<Row['record']>, row: Row): Map<string, Found> {
  const { mountpoint, clientId, username = '' } = row.connect;
  const own = recordKey({ mountpoint, clientId, username });
  const isStored = (one: typeof given): one is z.infer<typeof stored> => Object.hasOwn(one, 'value');
  const list = Array.isArray(given) ? given : [isStored(given) ? given : { value: given }];
  return new Map(
    list.map((one: z.infer<typeof stored>) => [
      one.rawKey ?? spelled(one.key) ?? own,
      readStored(one.value, row),
    ]),
  );
}

function spelled(key: z.infer<typeof stored>['key']): string | undefined {
  if (key === undefined || typeof key === 'string') return key;
  const [mountpoint, clientId, username] = key;
  return recordKey({ mountpoint, clientId, username });
}

/** In a recording a value that was no Redis string says so in the name of the case and nowhere else. */
const RECORDED_TYPE = /^redis type (\w+) instead of string/;

function readStored(content: z.infer<typeof value>, { id, detail }: Row): Found {
  const type = detail === undefined ? undefined : RECORDED_TYPE.exec(id ?? '')?.[1];
  if (type !== undefined) return { kind: 'error', problem: `it is a Redis ${type}, not a string` };
  if (typeof content === 'string') return { kind: 'text', text: content };
  const { base64 } = content;
  return typeof base64 === 'string' && Object.keys(content).length === 1
    ? { kind: 'text', text: Buffer.from(base64, 'base64').toString() }
    : { kind: 'text', text: JSON.stringify(content) };
}

/** What follows a login takes the login for granted where no password is given. */
function readClient(given: Row['connect'], type: Action['type']): Client {
  const { mountpoint, clientId, username, password, protocolVersion, clean } = given;
  const absent = type === 'connect' ? ({ kind: 'none' } as const) : ({ kind: 'assumed-right' } as const);
  return {
    mountpoint,
    clientId,
    username,
    password: password === undefined ? absent : { kind: 'given', bytes: passwordBytes(password) },
    protocol: protocolVersion,
    cleanSession: clean,
  };
}

/** A password that is no text stands there as `base64:…`. */
function passwordBytes(password: string): Buffer {
  const base64 = /^base64:([A-Za-z0-9+/]*={0,2})$/.exec(password)?.[1];
  return base64 === undefined ? Buffer.from(password) : Buffer.from(base64, 'base64');
}

function readAction(given: Row['action']): Action {
  if (given.type !== 'subscribe') return given;
  const filters = given.filters?.map(([filter, qos]) => ({ filter, qos }));
  return { type: 'subscribe', filters: filters ?? [{ filter: given.topic ?? '', qos: given.qos }] };
}
