import type { Listener } from '../../admin/rpc.js';
import { findProblems } from '../problems/find.js';
import type { Problem } from '../problems/problem.js';
import { type ClusterView, memberOf, mergeViews, servingListeners } from '../view.js';
import type { ListenerName } from './state.js';

/** What is no trouble, because the roll itself has brought it about. */
export interface Expected {
  /** The node whose listeners we have suspended. */
  readonly suspended?: string | undefined;
  /** The node that may be away. */
  readonly away?: string | undefined;
}

/** What is wrong with the cluster, but for what is to be expected. In an upgrade the versions differ. */
export function findTrouble(view: ClusterView, { suspended, away }: Expected = {}): Problem[] {
  return findProblems(away ? without(view, away) : view).filter(({ code, severity, nodes }) => {
    if (code === 'version_skew') return false;
    if (code === 'unreachable') return severity === 'error';
    if (code === 'listeners_suspended') return nodes.some((node) => node !== suspended);
    // Frozen while it stops or starts, it makes all the others hang.
    return !(code === 'status_hangs' && away && nodes.length === 0);
  });
}

/** Says of addresses that do not answer whose they are: what another node tells of that one stands then. */
export function withNames(view: ClusterView, addresses: Readonly<Record<string, string>>): ClusterView {
  const names = new Map(Object.entries(addresses).map(([node, address]) => [address, node]));
  const unreachable = view.unreachable.map((one) => ({ ...one, node: one.node ?? names.get(one.address) }));
  return { ...view, unreachable };
}

/** The others, as they see each other. */
function without(view: ClusterView, away: string): ClusterView {
  const others = view.members.flatMap(({ name, own, address }) =>
    own === null || name === away
      ? []
      : [
          {
            address: address ?? name,
            self: name,
            partial: false,
            views: [{ ...own, members: new Map([...own.members].filter(([member]) => member !== away)) }],
          },
        ],
  );
  return {
    ...mergeViews(others),
    // An address that does not answer and that no other node has named may be a second one of the node that is away.
    unreachable: view.unreachable.filter(({ node }) => node !== undefined && node !== away),
    partial: view.partial,
  };
}

/** What keeps a node from being back, in words: it answers, all see it, and it sees all. Empty once it is back. */
export function awaited(view: ClusterView, node: string): string[] {
  const member = memberOf(view, node);
  if (!member?.address || !member.own?.counters) return [`${node} does not answer`];
  const { own, seenBy } = member;
  return [
    ...Object.entries(seenBy).flatMap(([observer, seen]) =>
      seen === true ? [] : [`${observer} does not see ${node} running`],
    ),
    ...view.members.flatMap(({ name }) =>
      own.members.get(name) === true ? [] : [`${node} does not see ${name} running`],
    ),
  ];
}

/** Those of the recorded listeners that are there, and do not accept. */
export const stillSuspended = (
  view: ClusterView,
  node: string,
  recorded: readonly ListenerName[],
): readonly Listener[] =>
  (memberOf(view, node)?.own?.listeners ?? []).filter(
    (listener) => listener.status !== 'running' && recorded.some((one) => isSame(one, listener)),
  );

/** Where a node took clients and does not now, in words. */
export function unserved(view: ClusterView, node: string, recorded: readonly ListenerName[]): string[] {
  const serving = servingListeners(memberOf(view, node)?.own ?? null);
  if (serving.length === 0) return [`${node} has no MQTT listener that takes clients`];
  return recorded
    .filter((one) => !serving.some((listener) => isSame(one, listener)))
    .map(
      ({ type, address, port }) => `${node} takes no clients at ${type} ${address}:${port}, as it did before`,
    );
}

/** A node that nobody knows anything of, though all see it running. */
export const silent = (view: ClusterView, node: string): Problem[] =>
  memberOf(view, node)?.own?.counters
    ? []
    : [
        {
          code: 'silent',
          severity: 'error',
          message: `${node} does not answer`,
          hint: `Look at its host, and at console.log on ${node}.`,
          nodes: [node],
        },
      ];

export const isServing = (view: ClusterView, node: string): boolean =>
  servingListeners(memberOf(view, node)?.own ?? null).length > 0;

export const isSame = (one: ListenerName, other: ListenerName) =>
  one.address === other.address && one.port === other.port;
