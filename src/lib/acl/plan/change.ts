/** What a plan does to one record: the exact texts before and after. Null where there is none. */
export interface Change {
  readonly key: string;
  readonly found: string | null;
  readonly write: string | null;
}

export type ChangeKind = 'added' | 'changed' | 'removed';

export function kindOf({ found, write }: Change): ChangeKind {
  if (found === null) return 'added';
  return write === null ? 'removed' : 'changed';
}

export function countKinds(changes: readonly Change[]): Record<ChangeKind, number> {
  const counts = { added: 0, changed: 0, removed: 0 };
  for (const change of changes) counts[kindOf(change)] += 1;
  return counts;
}

/** The changes that bring back exactly what was. */
export const undone = (changes: readonly Change[]): Change[] =>
  changes.map(({ key, found, write }) => ({ key, found: write, write: found }));
