import type { NodeView } from '../../admin/rpc.js';
import { hasDeparted } from '../leave/watch.js';
import { type ClusterView, memberOf, mqttListeners, servingListeners } from '../view.js';
import { isLeaving, isSuspended } from './elsewhere.js';
import type { ListenerKey, StagedState } from './state.js';

/** What can be seen of a leave at one moment, from the members' own views. */
export interface Look {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The leaving node's own counters; undefined while nobody knows them. */
  readonly leaver:
    | {
        readonly sessions: number;
        readonly queues: number;
        readonly queueOut: number;
        /** MQTT listeners that accept. */
        readonly serving: number;
        /** MQTT listeners, whatever they do: a leave with `-k` deletes them. */
        readonly listeners: number;
        /** Of those that served before the leave, the ones that do not now. */
        readonly unserved: readonly ListenerKey[];
      }
    | undefined;
  /** Whether any member that stays still lists it; undefined while that is not known. */
  readonly isListed: boolean | undefined;
  /** Listed, and running for nobody, itself silent. */
  readonly isDead: boolean;
  /** Sessions of the members that stay, by name. */
  readonly survivors: Readonly<Record<string, number>>;
  /** Members that stay and that nobody sees running. */
  readonly lost: readonly string[];
  /** Members that stay and are being taken out as well. */
  readonly leaving: readonly string[];
  /** Members that stay and accept no clients for now: others may be about to take them out. */
  readonly suspended: readonly string[];
  /** Members that stay and whose own view nobody knows. */
  readonly silent: readonly string[];
  /** All that stay are seen running by all, and give a view of their own. */
  readonly isWhole: boolean;
  /** Why nothing can be seen. */
  readonly blind: string | undefined;
  /** Whether this process still waits for the answer to the broker's `-k`. */
  readonly awaiting: boolean;
}

export function toLook(
  view: ClusterView,
  state: Pick<StagedState, 'node' | 'survivors' | 'unasked' | 'listeners'>,
  now: number,
  awaiting: boolean,
): Look {
  const { node, listeners } = state;
  const member = memberOf(view, node);
  const counters = member?.own?.counters ?? null;
  const names = stayingIn(view, state);
  const staying = names.map((name) => [name, memberOf(view, name)] as const);
  const isBlind = staying.every(([, survivor]) => survivor?.own == null);
  return {
    now,
    awaiting,
    leaver:
      member?.own && counters
        ? {
            sessions: counters.online,
            queues: counters.online + counters.offline,
            queueOut: counters.queueOut,
            serving: servingListeners(member.own).length,
            listeners: mqttListeners(member.own).length,
            unserved: unservedOf(member.own, listeners),
          }
        : undefined,
    isListed: isBlind ? undefined : !hasDeparted(view, node, names),
    isDead: member?.running === 'no' && member.own === null,
    survivors: Object.fromEntries(
      staying.flatMap(([name, survivor]) => {
        const online = survivor?.own?.counters?.online;
        return online === undefined ? [] : [[name, online]];
      }),
    ),
    lost: staying.flatMap(([name, survivor]) => (survivor?.running === 'no' ? [name] : [])),
    leaving: staying.flatMap(([name, survivor]) => (survivor && isLeaving(survivor) ? [name] : [])),
    suspended: staying.flatMap(([name, survivor]) => (survivor && isSuspended(survivor) ? [name] : [])),
    silent: staying.flatMap(([name, survivor]) => (survivor?.own == null ? [name] : [])),
    isWhole: staying.every(([, survivor]) => survivor?.own != null && survivor.running === 'yes'),
    blind: isBlind
      ? [...new Set(view.unreachable.map(({ error }) => error))].join('; ') || 'no member that stays answers'
      : undefined,
  };
}

/**
 * Those that have joined meanwhile count too: queues go to them, and the broker asks them. One that nobody lists any more
 * has left the cluster itself, and is not waited for.
 */
function stayingIn(
  view: ClusterView,
  { node, survivors, unasked = [] }: Pick<StagedState, 'node' | 'survivors' | 'unasked'>,
): readonly string[] {
  const listing = survivors.flatMap((name) => memberOf(view, name)?.own ?? []);
  if (listing.length === 0) return survivors;
  const listed = new Set(listing.flatMap(({ members }) => [...members.keys()]));
  return [...listed].filter((name) => name !== node && !unasked.includes(name));
}

function unservedOf(own: NodeView, listeners: readonly ListenerKey[]): readonly ListenerKey[] {
  const serving = servingListeners(own);
  return listeners.filter(
    ({ address, port }) =>
      !serving.some((listener) => listener.address === address && listener.port === port),
  );
}
