import { isList } from '../erlang/term/construct.js';
import { Atom, Pid, type Term, Tuple } from '../erlang/term/types.js';
import { isObject } from '../json.js';
import { toNodeView } from '../node-status.js';
import type { Channel, NodeView, QueueSummary } from '../rpc.js';
import { toPlain } from './plain.js';

/**
 * What `vmq_status_http:node_status/0` of a node answered: `{ok, Status}`.
 *
 * @returns undefined for anything else, such as the `{badrpc, …}` of a node that could not be asked
 */
export function readStatus(node: string, term: Term): NodeView | undefined {
  if (!(term instanceof Tuple)) return undefined;
  const [ok, status] = term.elements;
  if (!(ok instanceof Atom) || ok.name !== 'ok' || status === undefined) return undefined;
  return toNodeView(node, toPlain(status));
}

/** What `vmq_cluster:status/0` answered: a list of `{Node, IsRunning}`; undefined for anything else. */
export function readMembers(term: Term): ReadonlyMap<string, boolean> | undefined {
  const status = toPlain(term);
  if (!isObject(status)) return undefined;
  return new Map(Object.entries(status).map(([name, running]) => [name, running === true]));
}

/** What `vmq_queue_sup_sup:summary/0` answered: five counts; undefined for anything else. */
export function readQueueSummary(term: Term): QueueSummary | undefined {
  const counts = term instanceof Tuple ? term.elements : [];
  const [online, waitingForOffline, draining, offline, storedMessages] = counts.filter(isCount);
  return online !== undefined &&
    waitingForOffline !== undefined &&
    draining !== undefined &&
    offline !== undefined &&
    storedMessages !== undefined
    ? { online, waitingForOffline, draining, offline, storedMessages }
    : undefined;
}

const isCount = (term: Term): term is number => typeof term === 'number';

/** A list of node names, as `nodes/0` gives it. */
export const readNames = (term: Term): string[] =>
  isList(term) ? term.flatMap((name) => (name instanceof Atom ? [name.name] : [])) : [];

/** The process of `{ok, Pid}`; undefined for anything else, such as `{error, not_found}`. */
export function readProcess(term: Term): Pid | undefined {
  const [ok, process] = term instanceof Tuple ? term.elements : [];
  return ok instanceof Atom && ok.name === 'ok' && process instanceof Pid ? process : undefined;
}

/** What `vmq_cluster_node:status/1` answered; undefined for anything else. */
export const readChannel = (term: Term): Channel | undefined =>
  CHANNELS.find((name) => term instanceof Atom && term.name === name);

const CHANNELS = ['up', 'down', 'init'] as const;
