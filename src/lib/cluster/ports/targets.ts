import type { Listener } from '../../admin/rpc.js';
import { isAnyAddress, isLoopback } from '../../loopback.js';
import { hostOf } from '../addresses.js';
import { clusteringListener, type Member, mqttListeners } from '../view.js';
import { type Verdict, wrongAddress } from './verdict.js';

/** The machine that vmqctl runs on, as a place to connect from. */
export const HERE = 'here';

/**
 * - `epmd`, `distribution`, `cluster`: what the nodes need of each other. `range`: where distribution may be after the next
 *   start. - `mqtt`, `http`: what clients and operators need.
 */
export type PortKind = 'epmd' | 'distribution' | 'range' | 'cluster' | 'mqtt' | 'http';

/** What the nodes cannot do without. From elsewhere it is better closed. */
export const NEEDED_BY_NODES: ReadonlySet<PortKind> = new Set(['epmd', 'distribution', 'cluster']);

/** A port of a node, at the address at which others look for it. */
export interface Target {
  readonly node: string;
  readonly kind: PortKind;
  /** What is there, such as `mqtts` or `vmq`. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /** The node itself has shut it: that nothing listens there is as it should be. */
  readonly suspended: boolean;
  /** Why nobody else can get there, whatever the network. */
  readonly wrong: Verdict | undefined;
}

/** The ports of a node that its listeners tell. */
export function listenerTargets(member: Member): Target[] {
  const listeners = member.own?.listeners ?? [];
  const http = listeners.filter(({ type }) => type === 'http' || type === 'https');
  const cluster = clusteringListener(member.own);
  return [
    ...(cluster ? [clusterTarget(member.name, cluster)] : []),
    ...mqttListeners(member.own).map((listener) => serviceTarget(member.name, 'mqtt', listener)),
    ...http.map((listener) => serviceTarget(member.name, 'http', listener)),
  ].filter(({ port }) => port > 0);
}

/** The others dial what is configured, to the letter. */
function clusterTarget(node: string, { type, address, port, status }: Listener): Target {
  const wrong = isAnyAddress(address)
    ? wrongAddress(`it is announced as ${address}, so a node that dials it dials itself`)
    : boundToLoopback(node, address);
  return {
    node,
    kind: 'cluster',
    service: type,
    host: address,
    port,
    suspended: status !== 'running',
    wrong,
  };
}

function serviceTarget(node: string, kind: 'mqtt' | 'http', listener: Listener): Target {
  const { type, address, port, status } = listener;
  const host = isAnyAddress(address) ? hostOf(node) : address;
  const wrong = boundToLoopback(node, address);
  return { node, kind, service: type, host, port, suspended: status !== 'running', wrong };
}

function boundToLoopback(node: string, address: string): Verdict | undefined {
  if (!isLoopback(address) || isLoopback(hostOf(node))) return undefined;
  return wrongAddress(`it is bound to ${address}, which only its own machine reaches`);
}

/** A port that its host's name leads to. */
export const hostTarget = (node: string, kind: 'epmd' | 'distribution' | 'range', port: number): Target => ({
  node,
  kind,
  service: kind,
  host: hostOf(node),
  port,
  suspended: false,
  wrong: undefined,
});
