import type { HttpRow } from '../../../support/golden.js';

/**
 * How much of the counters is compared: all; only how many sessions are online and offline; or that they are numbers,
 * where the recorded history is not replayed.
 */
export type CounterDepth = 'all' | 'sessions' | 'none';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

/** Different in every run, or, as the protocol version, with aedes: compared by type only. */
const VOLATILE = [
  'peer_port',
  'protocol',
  'queue_started_at',
  'session_started_at',
  'queue_pid',
  'session_pid',
  'msg_ref',
];
const SESSION_COUNTERS = ['num_online', 'num_offline'];
const COUNTERS = [
  ...SESSION_COUNTERS,
  ...['msg_in', 'msg_out', 'queue_in', 'queue_out', 'queue_drop', 'queue_unhandled'],
  ...['num_subscriptions', 'num_retained', 'matches_local', 'matches_remote'],
];
/** Tables with an order that means something. */
const ORDERED = /\/(listener\/show|listeners|node\/|api-key\/show)/;

/** Brings a body into the form in which it is compared: everything that legitimately differs is taken out. */
export function normalise(row: HttpRow, body: string, depth: CounterDepth): unknown {
  const { path } = row.request;
  if (path === '/metrics') return metricLines(body, depth);
  if (path === '/status') return '(a page)';
  if (body === '') return '';
  const json = parse(body);
  if (path.startsWith('/status.json')) return statusJson(json as JsonObject[], depth);
  if (isObject(json) && Array.isArray(json.table))
    return { ...json, table: tableRows(path, json.table as JsonObject[], depth) };
  if (isObject(json) && Array.isArray(json.alert))
    return { ...json, alert: (json.alert as JsonObject[]).map(alertElement) };
  if (/api-key\/create/.test(path)) return isObject(json) ? { ...json, text: '(a key)' } : json;
  return json;
}

/** The recording does not tell a bare word from a JSON string. */
function parse(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}

/** Key order counts, as in the recording: the node asked comes first, and last in its own `mystatus`. */
function statusJson([nodes = {}]: JsonObject[], depth: CounterDepth): unknown {
  const [own, ...others] = Object.entries(nodes).map(
    ([name, status]) => [name, nodeStatus(name, status as JsonObject, depth)] as const,
  );
  return [own, ...sorted(others)];
}

function nodeStatus(name: string, status: JsonObject, depth: CounterDepth): unknown {
  const [views] = status.mystatus as JsonObject[];
  const members = Object.entries(views ?? {});
  const self = members.at(-1);
  const entries = Object.entries(status).map(([key, value]) => [key, counter(key, value, depth)]);
  return { entries, lastIsSelf: self?.[0] === name, members: sorted(members) };
}

function counter(key: string, value: Json, depth: CounterDepth): Json {
  if (key === 'mystatus') return '(members)';
  const exact = depth === 'all' || (depth === 'sessions' && SESSION_COUNTERS.includes(key));
  return COUNTERS.includes(key) && !exact ? typeof value : value;
}

function tableRows(path: string, rows: readonly JsonObject[], depth: CounterDepth): unknown {
  const plain = rows.map((row) =>
    Object.entries(row).map(([key, value]) => [key, cell(row, key, value, depth)] as [string, Json]),
  );
  if (/--limit=[1-9]/.test(path)) return plain.map((row) => row.map(([key]) => key));
  // The order of other members is that of Erlang's connections.
  if (path.includes('/cluster/show')) return [plain[0], ...sorted(plain.slice(1))];
  return ORDERED.test(path) ? plain : sorted(plain);
}

function cell(row: JsonObject, key: string, value: Json, depth: CounterDepth): Json {
  if (VOLATILE.includes(key)) return value === null ? null : typeof value;
  if (key === 'Value' && typeof row.Status === 'string') return counter(row.Status, value, depth);
  if (key.endsWith('_conns') && key !== 'max_conns')
    return row.type === 'http' || depth === 'none' ? typeof value : value;
  // Which member a queue migrates to is chance.
  if (key === 'node' && depth === 'none' && 'client_id' in row) return '(a member)';
  return value;
}

/** Usage texts are the broker's own prose, and a process id is never the same. */
function alertElement(element: JsonObject): JsonObject {
  const text = String(element.text);
  if (text.startsWith('vmq-admin ')) return { ...element, text: text.split(' ', 3).join(' ') };
  return { ...element, text: text.replace(/<\d+\.\d+\.\d+>/, '<pid>') };
}

/** The recording was cut, so only its whole lines count. */
function metricLines(body: string, depth: CounterDepth): string[] {
  const known = /vernemq_router_memory\{/;
  return (
    body
      .split('\n')
      // Of the metrics with a reason the recording has none.
      .filter((line) => line !== '' && !line.includes('vernemq_mqtt_disconnect_sent'))
      .map((line) =>
        line.startsWith('#') || (depth === 'all' && !known.test(line)) ? line : line.replace(/ \d+$/, ' n'),
      )
  );
}

const sorted = <T>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const isObject = (json: Json): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
