import { toNodeView } from '../node-status.js';
import type { AdminReply, NodeView, Row } from '../rpc.js';

export const rowsOf = ({ elements }: AdminReply): Row[] =>
  elements.flatMap((element) => (element.type === 'table' ? [...element.rows] : []));

/** What `cluster show` says: member → whether it runs; undefined where it is something else. */
export function readMembers(show: AdminReply): ReadonlyMap<string, boolean> | undefined {
  const members = rowsOf(show).flatMap(({ Node, Running }) =>
    typeof Node === 'string' ? [[Node, Running === true] as const] : [],
  );
  return members.length === 0 ? undefined : new Map(members);
}

/** A setting is shown with the name of the node that was asked: `show` without flags asks no other. */
export function readName(show: AdminReply): string | undefined {
  const name = rowsOf(show)[0]?.node;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/**
 * Puts together what `/status.json` has in one piece.
 *
 * @param status of `node status`; undefined for a broker that has no such command (before 2.0)
 */
export function toView(
  node: string,
  members: ReadonlyMap<string, boolean>,
  listeners: AdminReply,
  status: AdminReply | undefined,
): NodeView | undefined {
  const values = status ? rowsOf(status).map(({ Status, Value }) => [String(Status), Value]) : [];
  const view = toNodeView(node, {
    ...Object.fromEntries(values),
    mystatus: [...members].map(([name, running]) => ({ [name]: running })),
    listeners: rowsOf(listeners).map(({ address, ip, ...rest }) => ({ ...rest, ip: address ?? ip })),
  });
  return view && (status ? view : { ...view, counters: null });
}
