import { isObject } from './json.js';
import type { Listener, NodeCounters, NodeView } from './rpc.js';

/**
 * Reads what one node says of itself (`vmq_status_http:node_status/0`), whatever carried it.
 *
 * @param value the object that `/status.json` has for this node
 * @returns undefined when it is something else
 */
export function toNodeView(node: string, value: unknown): NodeView | undefined {
  if (!isObject(value) || !Array.isArray(value.mystatus) || !value.mystatus.every(isObject)) return undefined;
  const members = value.mystatus.flatMap((entry) => Object.entries(entry));
  if (members.length === 0) return undefined; // every node lists at least itself
  return {
    node,
    version: typeof value.version === 'string' ? value.version : null,
    members: new Map(members.map(([name, running]) => [name, running === true])),
    listeners: Array.isArray(value.listeners) ? value.listeners.filter(isObject).map(toListener) : [],
    counters: toCounters(value),
  };
}

function toListener(value: Record<string, unknown>): Listener {
  return {
    type: textOf(value.type),
    status: textOf(value.status),
    address: textOf(value.ip),
    port: toPort(value.port),
  };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** A listener without a usable port is still one: what else it says stands. */
function toPort(value: unknown): number {
  const port = typeof value === 'number' ? value : Number(textOf(value));
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : 0;
}

function toCounters(value: Record<string, unknown>): NodeCounters {
  const known = (name: string) => (typeof value[name] === 'number' ? value[name] : undefined);
  const count = (name: string) => known(name) ?? 0;
  return {
    online: count('num_online'),
    offline: count('num_offline'),
    messagesIn: known('msg_in'),
    messagesOut: known('msg_out'),
    queueIn: count('queue_in'),
    queueOut: count('queue_out'),
    queueDrop: count('queue_drop'),
    queueUnhandled: count('queue_unhandled'),
    subscriptions: count('num_subscriptions'),
    retained: count('num_retained'),
  };
}
