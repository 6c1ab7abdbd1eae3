import { toFailure } from '../../admin/failure.js';
import type { AdminCommand, AdminRpc, CallOptions, Row } from '../../admin/rpc.js';

/** Which client is asked about. */
export interface ClientName {
  readonly clientId: string;
  /** Undefined for any; the default one is the empty text. */
  readonly mountpoint: string | undefined;
}

/** A client's queue on a node, with its session if it has one now. */
export interface ClientRow {
  readonly node: string;
  readonly mountpoint: string;
  readonly isOnline: boolean;
  /** Of the queue: `online`, `offline`, `wait_for_offline`, `drain`. */
  readonly state: string;
  readonly user: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly protocol: number | null;
  readonly clean: boolean | null;
  /** When the client connected, in milliseconds since the epoch, by the clock of the node. */
  readonly startedAt: number | null;
  readonly offlineMessages: number;
}

/** The same of whichever client. */
export interface SessionRow extends ClientRow {
  readonly clientId: string;
}

export interface Subscription {
  readonly filter: string;
  readonly qos: number;
}

/** Milliseconds that a node waits for one busy queue before it leaves the row out. */
const ROW_LIMIT = ['rowtimeout', '2000'] as const;

const FIELDS = [
  'node',
  'mountpoint',
  'client_id',
  'is_online',
  'statename',
  'user',
  'peer_host',
  'peer_port',
  'protocol',
  'clean_session',
  'session_started_at',
  'offline_messages',
];

/**
 * What a node and the others that it reaches have of a client.
 *
 * @throws Failure
 */
export async function sightClient(
  rpc: AdminRpc,
  name: ClientName,
  options: CallOptions,
): Promise<ClientRow[]> {
  const rows = await ask(rpc, name, FIELDS, options);
  return rows.map(toClientRow);
}

/** Rows of each node: more than any has. */
const ALL = '10000000';

/**
 * All queues of a node and of the others that it reaches.
 *
 * @throws Failure
 */
export async function sightAll(rpc: AdminRpc, options: CallOptions): Promise<SessionRow[]> {
  const rows = await show(rpc, [...FIELDS.map(chosen), ['limit', ALL], ROW_LIMIT], options);
  return rows.map((row) => ({ ...toClientRow(row), clientId: String(row.client_id) }));
}

/**
 * Its subscriptions, which stay when it goes.
 *
 * @throws Failure
 */
export async function subscriptionsOf(
  rpc: AdminRpc,
  name: ClientName,
  options: CallOptions,
): Promise<Subscription[]> {
  const rows = await ask(rpc, name, ['client_id', 'topic', 'qos'], options);
  return rows.flatMap(({ topic, qos }) =>
    typeof topic === 'string' ? [{ filter: topic, qos: Number(qos ?? 0) }] : [],
  );
}

async function ask(
  rpc: AdminRpc,
  { clientId, mountpoint }: ClientName,
  fields: readonly string[],
  options: CallOptions,
): Promise<Row[]> {
  // In this order a broker looks one queue up, where it would read all of them otherwise.
  const inMountpoint = mountpoint ? [['mountpoint', mountpoint] as const] : [];
  const flags: Flags = [
    ...inMountpoint,
    ['client_id', filterFor(clientId)],
    ...fields.map(chosen),
    ['limit', PLAIN.test(clientId) ? '1000' : '100000'],
    ROW_LIMIT,
  ];
  const rows = await show(rpc, flags, options);
  const isWanted = (row: Row) =>
    row.client_id === clientId && (mountpoint === undefined || (row.mountpoint ?? mountpoint) === mountpoint);
  return rows.filter(isWanted);
}

type Flags = NonNullable<AdminCommand['flags']>;

const chosen = (field: string) => [field, true] as const;

async function show(rpc: AdminRpc, flags: Flags, options: CallOptions): Promise<Row[]> {
  const reply = await rpc.call({ words: ['session', 'show'], flags }, options);
  if (reply.outcome !== 'done') throw toFailure(rpc.address, reply);
  return reply.elements.flatMap((element) => (element.type === 'table' ? element.rows : []));
}

/** What every way to a broker carries as it is, and no query breaks at (vernemq.md §2.2). */
const PLAIN = /^[\w.:/@+-]+$/;

/** For any other id a pattern, which others may match too: a dot for each byte that is not plain. */
function filterFor(clientId: string): string {
  if (PLAIN.test(clientId)) return clientId;
  const pattern = [...clientId].map((character) =>
    /[\w/-]/.test(character) ? character : '.'.repeat(Buffer.byteLength(character)),
  );
  return `~^${pattern.join('')}$`;
}

function toClientRow(row: Row): ClientRow {
  const text = (value: Row[string] | undefined) => (typeof value === 'string' ? value : null);
  const number = (value: Row[string] | undefined) => (typeof value === 'number' ? value : null);
  return {
    node: String(row.node),
    mountpoint: text(row.mountpoint) ?? '',
    isOnline: row.is_online === true,
    state: text(row.statename) ?? (row.is_online === true ? 'online' : 'offline'),
    user: text(row.user),
    host: text(row.peer_host),
    port: number(row.peer_port),
    protocol: number(row.protocol),
    clean: typeof row.clean_session === 'boolean' ? row.clean_session : null,
    startedAt: number(row.session_started_at),
    offlineMessages: number(row.offline_messages) ?? 0,
  };
}
