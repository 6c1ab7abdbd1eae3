import { type ClusterView, memberOf } from '../view.js';

/** What the members are to each other: by whom each is listed, without regard to running. */
export const lists = (view: ClusterView, observer: string, name: string) => {
  const member = memberOf(view, name);
  return member?.seenBy[observer] !== null && member?.seenBy[observer] !== undefined;
};

/** Groups of observers such that within a group each is linked with each, directly or through others. */
export function groups(
  names: readonly string[],
  linked: (one: string, other: string) => boolean,
): string[][] {
  const left = new Set(names);
  const found: string[][] = [];
  for (const name of names) {
    if (!left.delete(name)) continue;
    const group = [name];
    for (const inside of group) {
      for (const other of [...left].filter((candidate) => linked(inside, candidate))) {
        left.delete(other);
        group.push(other);
      }
    }
    found.push(group);
  }
  return found;
}

/** What one node says of another; null where it does not list it or nobody knows what it says. */
export const sees = (view: ClusterView, observer: string, name: string) =>
  memberOf(view, name)?.seenBy[observer] ?? null;
