import { isAnyAddress, isLoopback } from '../../../loopback.js';
import { hostOf } from '../../addresses.js';
import { list } from '../../problems/problem.js';
import { type ClusterView, clusteringListener, type Member } from '../../view.js';
import type { Evidence } from '../evidence.js';
import type { Cause } from './cause.js';
import {
  astray,
  channelDown,
  loopbackOrAny,
  missing,
  SAID,
  shared,
  stopped,
  unreachable,
} from './clustering-told.js';

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
  if (
    isAnyAddress(address) ||
    (isLoopback(address) && others.some((other) => !isLoopback(hostOf(other.name))))
  )
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
