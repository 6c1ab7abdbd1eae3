import { isObject } from '../record-json.js';

/** How one entry of a list differs. Places are counted from 0, as in `publish_acl[1]`. */
export type EntryDifference =
  | { readonly how: 'added'; readonly at: number; readonly to: unknown }
  | { readonly how: 'removed'; readonly at: number; readonly from: unknown }
  | {
      readonly how: 'changed';
      readonly at: number;
      readonly pattern: string;
      /** The members that differ; undefined where one is missing. */
      readonly fields: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
    }
  /** The same entries in another order: the first that matches decides. */
  | { readonly how: 'reordered' };

/**
 * How two lists of entries differ. Entries belong together where they are equal, else where they have the same pattern.
 *
 * @param from with ordinary numbers; what is no list counts as one entry
 */
export function listDifferences(from: unknown, to: unknown): EntryDifference[] {
  const [before, after] = [entriesOf(from), entriesOf(to)];
  const partners = pair(before, after);
  const taken = new Set(partners);
  const removed = before.flatMap((entry, at): EntryDifference[] =>
    taken.has(at) ? [] : [{ how: 'removed', at, from: entry }],
  );
  const others = after.flatMap((entry, at): EntryDifference[] => {
    const partner = partners[at];
    if (partner === undefined) return [{ how: 'added', at, to: entry }];
    const fields = fieldDifferences(before[partner], entry);
    if (Object.keys(fields).length === 0) return [];
    return [{ how: 'changed', at, pattern: patternOf(entry) ?? '', fields }];
  });
  const order = partners.filter((partner) => partner !== undefined);
  const isReordered = order.some((partner, index) => partner < (order[index - 1] ?? 0));
  return [...removed, ...others, ...(isReordered ? [{ how: 'reordered' } as const] : [])];
}

function entriesOf(list: unknown): readonly unknown[] {
  if (list === undefined) return [];
  return Array.isArray(list) ? list : [list];
}

/** For each entry of `after` the place of the one before, or undefined. */
function pair(before: readonly unknown[], after: readonly unknown[]): (number | undefined)[] {
  const partners: (number | undefined)[] = new Array(after.length).fill(undefined);
  const free = new Set(before.keys());
  for (const nameOf of [canonical, patternOf]) {
    const places = new Map<string, number[]>();
    for (const at of free) {
      const name = nameOf(before[at]);
      if (name !== undefined) places.set(name, [...(places.get(name) ?? []), at]);
    }
    for (const [at, entry] of after.entries()) {
      if (partners[at] !== undefined) continue;
      const partner = places.get(nameOf(entry) ?? '\0')?.shift();
      if (partner === undefined) continue;
      partners[at] = partner;
      free.delete(partner);
    }
  }
  return partners;
}

const patternOf = (entry: unknown): string | undefined =>
  isObject(entry) && typeof entry.pattern === 'string' ? entry.pattern : undefined;

/** The same text for equal values, whatever the order of their members. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

function fieldDifferences(before: unknown, after: unknown) {
  const [one, other] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const differing = names.filter((name) => canonicalOr(one[name]) !== canonicalOr(other[name]));
  return Object.fromEntries(differing.map((name) => [name, { from: one[name], to: other[name] }]));
}

const canonicalOr = (value: unknown) => (value === undefined ? undefined : canonical(value));
