import type { ListenerRow } from '../node/listeners.js';
import type { SimulatedNode } from '../node/node.js';
import { clusterRows, statusRows } from '../node/report.js';
import { LOOPBACK } from '../node/tcp-listener.js';
import { type Answer, json, plain } from './answer.js';

/** Every node that this one is connected with speaks for itself: a frozen one keeps the whole answer waiting. */
export async function statusJson(node: SimulatedNode): Promise<Answer> {
  const nodes = node.world.connectedTo(node);
  for (const one of nodes) await one.gate.passed();
  return json([Object.fromEntries(nodes.map((one) => [one.name, ownStatus(one)]))]);
}

function ownStatus(node: SimulatedNode): Record<string, unknown> {
  return {
    ...Object.fromEntries(statusRows(node)),
    mystatus: [Object.fromEntries(clusterRows(node).toReversed())],
    listeners: node.listeners.rows().map(listenerEntry),
  };
}

/** The empty mountpoint is an Erlang string, so it arrives as a list. */
const listenerEntry = ({ type, status, address = LOOPBACK, port, maxConnections }: ListenerRow) => ({
  type,
  status,
  ip: address,
  port,
  mountpoint: [],
  max_conns: maxConnections,
});

export const statusPage = (node: SimulatedNode): Answer =>
  plain(
    `<!doctype html>\n<html lang="en"><title>${node.name} (simulated)</title><p>A simulated VerneMQ node of vmqctl's sandbox. See <a href="/status.json">status.json</a>.</html>\n`,
    'text/html',
  );
