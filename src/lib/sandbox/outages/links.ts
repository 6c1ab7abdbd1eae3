import type { SimulatedNode } from '../node/node.js';
import type { DoorState } from '../ports/door.js';
import type { Outage } from './outage.js';

const STATUS = '/status.json';
/** Bytes of one message of 64 KiB that found no room. */
const MESSAGE = 65_663;
/** Milliseconds between two of them. */
const EVERY = 100;

/** Faults of the ports between nodes, of which the views of the cluster show next to nothing. */
export const linkOutages: readonly Outage[] = [
  {
    name: 'undialable-address',
    summary: 'its clustering listener is said to be at an address that nobody can dial',
    set: async ({ links }) => {
      links.reported = { address: '127.0.0.2', port: links.clustering.port };
    },
    clear: tellTheTruth,
  },
  {
    name: 'clustering-listener-stopped',
    summary: 'its clustering listener is stopped',
    set: ({ links }) => links.suspend(),
    clear: ({ links }) => links.resume(),
  },
  {
    name: 'any-address',
    summary: 'its clustering listener is said to be at 0.0.0.0, the default',
    set: async ({ links }) => {
      links.reported = { address: '0.0.0.0', port: links.clustering.port };
    },
    clear: tellTheTruth,
  },
  {
    name: 'dials-itself',
    summary: 'its clustering listener is said to be where that of another node is',
    set: async ({ links }, [other]) => {
      links.reported = other?.links.place ?? links.place;
    },
    clear: tellTheTruth,
  },
  door(
    'clustering-port-drop',
    'a packet filter drops what comes to its clustering port',
    'clustering',
    'silent',
  ),
  door(
    'clustering-port-reset',
    'a packet filter rejects what comes to its clustering port',
    'clustering',
    'refused',
  ),
  door(
    'dist-port-drop',
    'a packet filter drops what comes to its Erlang port; links that stand go on',
    'erlang',
    'silent',
  ),
  {
    name: 'drop-and-flood',
    summary: 'its clustering port drops what comes, and others drop messages for it',
    set: async (node, others) => {
      await node.links.clustering.become('silent');
      for (const other of others) void flood(other, node);
    },
    clear: async (node) => {
      await node.links.clustering.become('open');
      node.faults.isFlooded = false;
    },
  },
  {
    name: 'dist-links-drop',
    summary: 'a packet filter drops all Erlang traffic of it: /status.json hangs on every node',
    set: async (node, others) => {
      await node.links.erlang.become('silent');
      for (const one of [node, ...others]) one.faults.hangingPaths.add(STATUS);
    },
    clear: async (node, others) => {
      await node.links.erlang.become('open');
      for (const one of [node, ...others]) one.faults.hangingPaths.delete(STATUS);
    },
  },
];

async function tellTheTruth({ links }: SimulatedNode): Promise<void> {
  links.reported = null;
}

function door(name: string, summary: string, which: 'clustering' | 'erlang', state: DoorState): Outage {
  return {
    name,
    summary,
    set: ({ links }) => links[which].become(state),
    clear: ({ links }) => links[which].become('open'),
  };
}

async function flood(from: SimulatedNode, to: SimulatedNode): Promise<void> {
  to.faults.isFlooded = true;
  while (to.faults.isFlooded && !from.world.isClosed) {
    from.counters.cluster_bytes_dropped += MESSAGE;
    await from.world.sleep(EVERY);
  }
}
