import type { Listener, NodeCounters, NodeView, ViewsReply } from '../rpc.js';
import { isObject, parseJson } from './reply.js';

/**
 * Reads `/status.json`: an array with one object, from node name to what that node says (vernemq.md §3.6). The node
 * that answered comes first in it.
 *
 * @returns undefined when the body is something else
 */
export function parseStatus(body: string): ViewsReply | undefined {
  const parsed = parseJson(body);
  const byNode = Array.isArray(parsed) && isObject(parsed[0]) ? parsed[0] : undefined;
  if (!byNode) return undefined;
  const views = Object.entries(byNode).map(([node, value]) => toNodeView(node, value));
  const self = views[0]?.node;
  return self !== undefined && views.every((view) => view !== undefined) ? { self, views } : undefined;
}

function toNodeView(node: string, value: unknown): NodeView | undefined {
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
  const count = (name: string) => (typeof value[name] === 'number' ? value[name] : 0);
  return {
    online: count('num_online'),
    offline: count('num_offline'),
    queueIn: count('queue_in'),
    queueOut: count('queue_out'),
    queueDrop: count('queue_drop'),
    queueUnhandled: count('queue_unhandled'),
    subscriptions: count('num_subscriptions'),
    retained: count('num_retained'),
  };
}
