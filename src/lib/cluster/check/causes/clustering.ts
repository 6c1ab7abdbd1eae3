import { isIP } from 'node:net';
import type { Listener } from '../../../admin/rpc.js';
import { isLoopback } from '../../../loopback.js';
import { hostOf } from '../../addresses.js';
import { list } from '../../problems/problem.js';
import { type ClusterView, clusteringListener, type Member } from '../../view.js';
import type { Dial, Evidence } from '../evidence.js';
import type { Cause } from './cause.js';

const ANY = new Set(['0.0.0.0', '::', '[::]']);
const CONFIGURE = (node: string) =>
  `Set listener.vmq.clustering of ${node} to an address of its own that the others can dial, such as ${hostOf(node)}:44053, and restart it.`;

/** Faults of the listeners that carry messages between nodes (44053). No view of the cluster ever shows them. */
export function clusteringCauses(evidence: Evidence): Cause[] {
  const { view } = evidence;
  if (view.members.length < 2) return [];
  return view.members
    .filter(({ own, address }) => own !== null && !(address !== null && view.partial.includes(address)))
    .flatMap((member) => [...configured(member, view), ...reached(member, evidence)]);
}

/** What the node itself reports of its listener. */
function configured(member: Member, view: ClusterView): Cause[] {
  const { name, own } = member;
  const listener = clusteringListener(member.own);
  // A broker always reports some listener; one that reports none at all has told nothing of them.
  if (!listener) return (own?.listeners.length ?? 0) === 0 ? [] : [missing(name)];
  const { address, port, status } = listener;
  if (status !== 'running') return [stopped(member, listener)];
  const others = view.members.filter((other) => other.name !== name);
  if (ANY.has(address) || (isLoopback(address) && others.some((other) => !isLoopback(hostOf(other.name)))))
    return [loopbackOrAny(name, listener)];
  const twins = others.filter((other) => {
    const theirs = clusteringListener(other.own);
    return theirs?.address === address && theirs.port === port;
  });
  // Where the address is in the name of one of them, the others have it by mistake.
  const isOwner = hostOf(name) === address && twins.every((twin) => hostOf(twin.name) !== address);
  return twins.length > 0 && !isOwner
    ? [
        shared(
          name,
          twins.map((twin) => twin.name),
          listener,
        ),
      ]
    : [];
}

/** What others meet who connect to it. */
function reached(member: Member, evidence: Evidence): Cause[] {
  const listener = clusteringListener(member.own);
  if (listener?.status !== 'running' || configured(member, evidence.view).length > 0) return [];
  const { name } = member;
  const [peer, failure] = failureInLogs(name, evidence);
  if (peer && failure && failure.why !== 'other')
    return [
      unreachable(member, listener, failure.why, `${peer} could not connect to it ${failure.times} times`),
    ];
  if (isDialedInCircles(name, evidence)) return [astray(name, listener)];
  const shut = shutToPeers(name, evidence);
  if (shut)
    return [
      unreachable(member, listener, shut.met, `from the machine of ${list(shut.peers)} it ${SAID[shut.met]}`),
    ];
  const dial = evidence.clustering.get(name);
  const isReachedElsewhere = [...evidence.clustering].some(
    ([other, met]) => other !== name && met === 'open',
  );
  if (dial && dial !== 'open' && isReachedElsewhere)
    return [unreachable(member, listener, dial, `from here it ${SAID[dial]}, and that of others is open`)];
  const cut = [...evidence.channels].filter(([, peers]) => (peers.get(name) ?? 'up') !== 'up');
  return cut.length > 0
    ? [
        channelDown(
          name,
          cut.map(([observer]) => observer),
        ),
      ]
    : [];
}

/** The nodes on whose machines it cannot be connected to. */
function shutToPeers(name: string, { fromPeers }: Evidence) {
  const closed = [...(fromPeers.get(name) ?? [])].filter(([, met]) => met !== 'open');
  const met = closed.some(([, dial]) => dial === 'silent') ? 'silent' : 'refused';
  return closed.length === 0 ? undefined : ({ peers: closed.map(([peer]) => peer), met } as const);
}

const SAID = { refused: 'refuses connections', silent: 'does not answer' } as const;

/** Once or twice may happen while a node starts. */
const TOO_OFTEN = 3;
/** After a join the nodes turn each other away for some seconds, once in each. */
const LONGER_THAN_A_JOIN = 10;

function failureInLogs(name: string, { logs }: Evidence) {
  const found = [...logs].map(([peer, { failed }]) => [peer, failed.get(name)] as const);
  return (
    found.find(([, failure]) => failure && (failure.times >= TOO_OFTEN || failure.why === 'silent')) ?? []
  );
}

/** Others connect to it and lose the connection at once, and it is somebody else who turns them away. */
function isDialedInCircles(name: string, { logs, view }: Evidence): boolean {
  const isListed = (peer: string) => view.members.find((one) => one.name === peer)?.seenBy[name] !== null;
  const own = logs.get(name);
  if (!own || own.turnedAway >= LONGER_THAN_A_JOIN) return false;
  const loops = [...logs].some(
    ([peer, { closed }]) => (closed.get(name) ?? 0) >= LONGER_THAN_A_JOIN && isListed(peer),
  );
  const turnsAway = [...logs].some(
    ([peer, { turnedAway }]) => peer !== name && turnedAway >= LONGER_THAN_A_JOIN,
  );
  return loops && turnsAway;
}

const at = ({ type, address, port }: Listener) => `${type} ${address}:${port}`;

const stopped = ({ name, address }: Member, listener: Listener): Cause => ({
  code: 'clustering_listener_stopped',
  certainty: 'certain',
  nodes: [name],
  message: `the clustering listener of ${name} is ${listener.status}: other nodes cannot connect to it, so links that break are not made again and messages for its clients are lost, though all say Running`,
  because: `it says so itself (${at(listener)})`,
  cure: `vmqctl listener restart address=${listener.address} port=${listener.port} --node ${address ?? `URL-of-${name}`}`,
});

const missing = (name: string): Cause => ({
  code: 'clustering_listener_missing',
  certainty: 'certain',
  nodes: [name],
  message: `${name} has no clustering listener: no message reaches its clients from other nodes`,
  because:
    'none is among the listeners that it reports: none is configured, or its address cannot be bound there',
  cure: CONFIGURE(name),
});

const loopbackOrAny = (name: string, listener: Listener): Cause => ({
  code: 'clustering_listener_loopback_or_any',
  certainty: 'certain',
  nodes: [name],
  message: `${name} tells the others to reach its clustering listener at ${listener.address}, which each of them takes for itself`,
  because: `it reports ${at(listener)}, and the others dial what it reports, literally`,
  cure: CONFIGURE(name),
});

const shared = (name: string, twins: readonly string[], listener: Listener): Cause => ({
  code: 'clustering_address_of_another_node',
  certainty: 'certain',
  nodes: [name, ...twins],
  message: `${name} reports the same clustering listener as ${list(twins)} (${at(listener)}): messages for the clients of one of them go to another`,
  because: 'the others dial what it reports, literally, and only one node can be there',
  cure: CONFIGURE(name),
});

const astray = (name: string, listener: Listener): Cause => ({
  code: 'clustering_address_of_another_node',
  certainty: 'likely',
  nodes: [name],
  message: `the address that ${name} reports for its clustering listener (${at(listener)}) leads to another node: messages for its clients go astray`,
  because:
    'the others connect to it and lose the connection at once, and it is not this node that turns them away',
  cure: CONFIGURE(name),
  look: 'Do all nodes have the same address there, or is there a translation of addresses between them?',
});

/** Where the address is not the one that the node is known by, it is suspected first; where it is, the network. */
function unreachable(
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
        cure: CONFIGURE(name),
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

const channelDown = (name: string, observers: readonly string[]): Cause => ({
  code: 'data_channel_down',
  certainty: 'likely',
  nodes: [name, ...observers],
  message: `${list(observers)} ${observers.length === 1 ? 'has' : 'have'} no connection for messages to ${name}, though it says Running`,
  because: 'the brokers say so themselves',
  cure: `See in console.log of ${list(observers)} why it cannot connect: the line has "can't connect to cluster node".`,
  look: `From those nodes: nc -vz to the clustering listener of ${name}.`,
});
