import type { Listener, NodeCounters, NodeView } from '../admin/rpc.js';
import type { Failure } from '../failure.js';

/** What kind of failure kept a node from answering, and the cure. */
export type Cause = Pick<Failure, 'kind' | 'code' | 'hint'>;

/** How a call to one address ended. */
export type Observation =
  | {
      readonly address: string;
      readonly self: string;
      readonly views: readonly NodeView[];
      readonly partial: boolean;
    }
  | {
      readonly address: string;
      readonly expected: string | undefined;
      readonly error: string;
      readonly failure?: Cause;
    };

/** A node as everybody together sees it. */
export interface Member {
  readonly name: string;
  /** `yes` or `no` when all that list it agree, `split` when they do not; `no` also when nobody lists it. */
  readonly running: 'yes' | 'no' | 'split';
  /** Observer → what it says; null where it does not list this node, or where nobody knows what it says. */
  readonly seenBy: Readonly<Record<string, boolean | null>>;
  /** Its own account of itself; null when no one reaches it. */
  readonly own: NodeView | null;
  /** Where its admin RPC answered; null when it did not answer us. */
  readonly address: string | null;
}

/** The mutual view: every node that anybody lists, as seen by every node whose view is known. */
export interface ClusterView {
  readonly members: readonly Member[];
  /** The nodes whose own view is known, in the order of `members`. */
  readonly observers: readonly string[];
  readonly unreachable: readonly {
    readonly address: string;
    readonly node: string | undefined;
    readonly error: string;
    readonly failure?: Cause;
  }[];
  /** Addresses whose answer lacked everything but the membership: see `partial` of an observation. */
  readonly partial: readonly string[];
}

/**
 * Joins what several nodes answered into one view. A node's own answer outranks what another one carried on its
 * behalf, and a full answer outranks a partial one.
 */
export function mergeViews(observations: readonly Observation[]): ClusterView {
  const answered = observations.filter((observation) => 'self' in observation);
  const own = new Map<string, NodeView>();
  const byTrust = [...answered].sort((one, other) => Number(one.partial) - Number(other.partial));
  for (const view of byTrust.flatMap(({ views, self }) => views.filter(({ node }) => node === self)))
    keep(own, view);
  for (const view of byTrust.flatMap(({ views }) => views)) keep(own, view);
  const names = [...new Set([...own.values()].flatMap((view) => [view.node, ...view.members.keys()]))].sort(
    byName,
  );
  const observers = names.filter((name) => own.has(name));
  return {
    members: names.map((name) => toMember(name, observers, own, answered)),
    observers,
    unreachable: observations
      .filter((observation) => 'error' in observation)
      .map(({ expected, ...rest }) => ({ ...rest, node: expected })),
    partial: answered.filter(({ partial }) => partial).map(({ address }) => address),
  };
}

function keep(own: Map<string, NodeView>, view: NodeView): void {
  if (!own.has(view.node)) own.set(view.node, view);
}

function toMember(
  name: string,
  observers: readonly string[],
  own: ReadonlyMap<string, NodeView>,
  answered: readonly { readonly address: string; readonly self: string }[],
): Member {
  const seenBy = Object.fromEntries(
    observers.map((observer) => [observer, own.get(observer)?.members.get(name) ?? null]),
  );
  const opinions = Object.values(seenBy).filter((seen) => seen !== null);
  return {
    name,
    running: !opinions.some(Boolean) ? 'no' : opinions.every(Boolean) ? 'yes' : 'split',
    seenBy,
    own: own.get(name) ?? null,
    address: answered.find(({ self }) => self === name)?.address ?? null,
  };
}

/** `VerneMQ2` before `VerneMQ10`. By hand: the language's own collation takes 15 ms to load. */
function byName(one: string, other: string): number {
  const [mine, theirs] = [one, other].map((name) =>
    name.replace(/\d+/g, (digits) => digits.padStart(12, '0')),
  );
  return mine === theirs || mine === undefined || theirs === undefined ? 0 : mine < theirs ? -1 : 1;
}

export const memberOf = (view: ClusterView, name: string): Member | undefined =>
  view.members.find((member) => member.name === name);

const MQTT_TYPES = /^(mqtts?|mqttws|mqttwss|ws|wss)$/;

export const mqttListeners = (view: NodeView | null): readonly Listener[] =>
  (view?.listeners ?? []).filter(({ type }) => MQTT_TYPES.test(type));

/** The listeners at which MQTT clients are really served now. */
export const servingListeners = (view: NodeView | null): readonly Listener[] =>
  mqttListeners(view).filter(({ status }) => status === 'running');

/** The one that a node announces to the others: with TLS, where it has both. */
export const clusteringListener = (view: NodeView | null): Listener | undefined =>
  view?.listeners.find(({ type }) => type === 'vmqs') ?? view?.listeners.find(({ type }) => type === 'vmq');

/**
 * Messages that a node holds in its queues, from its counters: what went in and neither came out nor was dropped.
 * Queues read back from disk at a restart are not in these counters, so it is an estimate.
 */
export const estimateQueued = ({ queueIn, queueOut, queueDrop, queueUnhandled }: NodeCounters): number =>
  Math.max(0, queueIn - queueOut - queueDrop - queueUnhandled);

/** `mqtt 172.16.16.13:1883`, with its status when it is not plainly running. */
export function formatListener({ type, address, port, status }: Listener): string {
  return `${type} ${address}:${port}${status === 'running' ? '' : ` (${status})`}`;
}
