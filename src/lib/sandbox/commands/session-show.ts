import type { SimulatedNode } from '../node/node.js';
import type { QueuedPacket, Session } from '../node/session.js';
import { waiting } from '../node/session.js';
import { type Call, type Command, failed, type Reply, type Row, table } from './command.js';

/** What a row is made of; some columns make several rows of one session. */
interface Source {
  readonly node: SimulatedNode;
  readonly session: Session;
  readonly topic?: readonly [filter: string, qos: number];
  readonly message?: QueuedPacket;
}

type Value = string | number | boolean | null;
type Columns = Readonly<Record<string, (source: Source) => Value>>;

const SESSION_COLUMNS: Columns = {
  node: ({ node }) => node.name,
  mountpoint: () => '',
  client_id: ({ session }) => session.clientId,
  is_online: ({ session }) => session.peer !== null,
  is_offline: ({ session }) => session.peer === null,
  statename: ({ session }) => (session.peer ? 'online' : 'offline'),
  deliver_mode: () => 'fanout',
  is_plugin: () => false,
  queue_size: () => null,
  queue_pid: ({ session }) => pid(session.startedAt),
  queue_started_at: ({ session }) => session.startedAt,
  offline_messages: ({ session }) => (session.peer ? 0 : waiting(session)),
  online_messages: () => 0,
  num_sessions: ({ session }) => (session.peer ? 1 : 0),
  clean_session: ({ session }) => session.clean,
  user: ({ session }) => session.username,
  peer_host: ({ session }) => session.peer?.host ?? null,
  peer_port: ({ session }) => session.peer?.port ?? null,
  protocol: ({ session }) => session.peer?.protocol ?? null,
  session_pid: ({ session }) => (session.peer ? pid(session.peer.connectedAt) : null),
  session_started_at: ({ session }) => session.peer?.connectedAt ?? null,
  waiting_acks: ({ session }) => (session.peer ? 0 : null),
};

const TOPIC_COLUMNS: Columns = {
  topic: ({ topic }) => topic?.[0] ?? null,
  qos: ({ topic }) => topic?.[1] ?? null,
};

const MESSAGE_COLUMNS: Columns = {
  msg_ref: ({ message }) => (message ? `${message.brokerId}:${message.brokerCounter}` : null),
  msg_qos: ({ message }) => message?.qos ?? null,
  routing_key: ({ message }) => message?.topic ?? null,
  dup: ({ message }) => message?.dup ?? null,
  payload: ({ message }) => message?.payload.toString() ?? null,
};

const COLUMNS: Columns = { ...SESSION_COLUMNS, ...TOPIC_COLUMNS, ...MESSAGE_COLUMNS };
const DEFAULT_COLUMNS = ['client_id', 'is_online', 'mountpoint', 'peer_host', 'peer_port', 'user'];
/** Rows per node. */
const DEFAULT_LIMIT = 100;

export const sessionShow: Command = {
  words: ['session', 'show'],
  flags: Object.fromEntries([...Object.keys(COLUMNS), 'limit', 'rowtimeout'].map((name) => [name, 'any'])),
  run: show,
};

/** A flag with a value filters, one without chooses a column. The answer comes from every member that is seen. */
async function show({ node, flags }: Call): Promise<Reply> {
  const limit = Number(flags.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit)) return failed;
  const named = [...flags].filter(([name]) => name in COLUMNS);
  const filters = named.filter(([, value]) => value !== '');
  const chosen = named.filter(([, value]) => value === '').map(([name]) => name);
  const columns = (chosen.length > 0 ? chosen : DEFAULT_COLUMNS).toSorted();
  const rows: Row[] = [];
  for (const member of node.world.visibleMembers(node)) {
    await member.gate.passed();
    const found = sources(
      member,
      named.map(([name]) => name),
    ).filter((source) => filters.every((one) => passes(source, one)));
    rows.push(...found.slice(0, limit).map((source) => toRow(source, columns)));
  }
  return table(rows);
}

function sources(node: SimulatedNode, names: readonly string[]): Source[] {
  const sessions = node.sessions.all().map((session): Source => ({ node, session }));
  if (names.some((name) => name in MESSAGE_COLUMNS)) {
    return sessions.flatMap((one) => one.session.messages.map((message) => ({ ...one, message })));
  }
  if (names.some((name) => name in TOPIC_COLUMNS)) {
    return sessions.flatMap((one) =>
      [...node.sessions.subscriptions(one.session.clientId)].map((topic) => ({ ...one, topic })),
    );
  }
  return sessions;
}

/** `~` before the value makes it a regular expression. A double quote breaks the broker's own query: nothing matches. */
function passes(source: Source, [name, wanted]: readonly [string, string]): boolean {
  if (wanted.includes('"')) return false;
  const value = String(COLUMNS[name]?.(source) ?? '');
  return wanted.startsWith('~') ? new RegExp(wanted.slice(1)).test(value) : value === wanted;
}

const toRow = (source: Source, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((name) => [name, COLUMNS[name]?.(source) ?? null]));

const pid = (seed: number) => `<0.${seed % 100_000}.0>`;
