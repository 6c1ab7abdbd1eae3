import { isIP } from 'node:net';
import type { Listener } from '../../../admin/rpc.js';
import { hostOf } from '../../addresses.js';
import { list } from '../../problems/problem.js';
import type { Member } from '../../view.js';
import type { Dial } from '../evidence.js';
import type { Cause } from './cause.js';

/** The default of `listener.vmq.clustering`. */
const USUAL_PORT = 44_053;
const configure = (node: string, port = USUAL_PORT) =>
  `Set listener.vmq.clustering of ${node} to an address of its own that the others can dial, such as ${hostOf(node)}:${port}, and restart it.`;

/** What is met at a port that is not open. */
export const SAID = { refused: 'refuses connections', silent: 'does not answer' } as const;

const at = ({ type, address, port }: Listener) => `${type} ${address}:${port}`;

export const stopped = ({ name, address }: Member, listener: Listener): Cause => ({
  code: 'clustering_listener_stopped',
  certainty: 'certain',
  nodes: [name],
  message: `the clustering listener of ${name} is ${listener.status}: other nodes cannot connect to it, so links that break are not made again and messages for its clients are lost, though all say Running`,
  because: `it says so itself (${at(listener)})`,
  cure: `vmqctl listener restart address=${listener.address} port=${listener.port} --node ${address ?? `URL-of-${name}`}`,
});

export const missing = (name: string): Cause => ({
  code: 'clustering_listener_missing',
  certainty: 'certain',
  nodes: [name],
  message: `${name} has no clustering listener: no message reaches its clients from other nodes`,
  because:
    'none is among the listeners that it reports: none is configured, or its address cannot be bound there',
  cure: configure(name),
});

export const loopbackOrAny = (name: string, listener: Listener): Cause => ({
  code: 'clustering_listener_loopback_or_any',
  certainty: 'certain',
  nodes: [name],
  message: `${name} tells the others to reach its clustering listener at ${listener.address}, which each of them takes for itself`,
  because: `it reports ${at(listener)}, and the others dial what it reports, literally`,
  cure: configure(name, listener.port),
});

export const shared = (name: string, twins: readonly string[], listener: Listener): Cause => ({
  code: 'clustering_address_of_another_node',
  certainty: 'certain',
  nodes: [name, ...twins],
  message: `${name} reports the same clustering listener as ${list(twins)} (${at(listener)}): messages for the clients of one of them go to another`,
  because: 'the others dial what it reports, literally, and only one node can be there',
  cure: configure(name, listener.port),
});

export const astray = (name: string, listener: Listener): Cause => ({
  code: 'clustering_address_of_another_node',
  certainty: 'likely',
  nodes: [name],
  message: `the address that ${name} reports for its clustering listener (${at(listener)}) leads to another node: messages for its clients go astray`,
  because:
    'the others connect to it and lose the connection at once, and it is not this node that turns them away',
  cure: configure(name, listener.port),
  look: 'Do all nodes have the same address there, or is there a translation of addresses between them?',
});

/** Where the address is not the one that the node is known by, it is suspected first; where it is, the network. */
export function unreachable(
  { name }: Member,
  listener: Listener,
  dial: Exclude<Dial, 'open'>,
  because: string,
): Cause {
  const host = hostOf(name);
  const isForeign = isIP(host) !== 0 && isIP(listener.address) !== 0 && host !== listener.address;
  const common = { certainty: 'likely', nodes: [name], because } as const;
  return isForeign
    ? {
        ...common,
        code: 'clustering_listener_unreachable',
        message: `the others cannot dial the address of the clustering listener of ${name}, ${at(listener)}, which is not the one in its name: it ${SAID[dial]}`,
        cure: configure(name, listener.port),
        look: `If ${listener.address} is the right one, a packet filter does this: from another node, nc -vz ${listener.address} ${listener.port}.`,
      }
    : {
        ...common,
        code: 'clustering_port_filtered',
        message: `something between the nodes keeps the others from the clustering listener of ${name} (${at(listener)}), which runs: it ${SAID[dial]}`,
        cure: `Let the nodes reach ${listener.address}:${listener.port}/tcp of each other, both in the host's own packet filter and on the way.`,
        look: `From another node: nc -vz ${listener.address} ${listener.port}. From elsewhere it may be closed on purpose.`,
      };
}

export const channelDown = (name: string, observers: readonly string[]): Cause => ({
  code: 'data_channel_down',
  certainty: 'likely',
  nodes: [name, ...observers],
  message: `${list(observers)} ${observers.length === 1 ? 'has' : 'have'} no connection for messages to ${name}, though it says Running`,
  because: 'the brokers say so themselves',
  cure: `See in console.log of ${list(observers)} why it cannot connect: the line has "can't connect to cluster node".`,
  look: `From those nodes: nc -vz to the clustering listener of ${name}.`,
});
