import { Failure } from '../failure.js';
import type { ListChange } from './change.js';
import { readEntries } from './entry.js';
import { type Action, LIST_OF } from './schema.js';

/** What the command line says about the lists. */
export interface ListFlags {
  readonly publish?: readonly string[] | undefined;
  readonly subscribe?: readonly string[] | undefined;
  readonly 'add-publish'?: readonly string[] | undefined;
  readonly 'add-subscribe'?: readonly string[] | undefined;
  readonly 'no-publish': boolean;
  readonly 'no-subscribe': boolean;
}

/**
 * What is to become of the list for an action, or undefined when nothing is said about it.
 *
 * @param maxDepth the brokers' `topic_max_depth`
 * @throws Failure (usage) when two flags contradict each other, or an entry is one that the broker rejects
 */
export function listChange(flags: ListFlags, action: Action, maxDepth: number): ListChange | undefined {
  const { [action]: whole, [`add-${action}` as const]: added, [`no-${action}` as const]: none } = flags;
  const given = [whole && `--${action}`, added && `--add-${action}`, none && `--no-${action}`].filter(
    Boolean,
  );
  if (given.length > 1) {
    throw new Failure('usage', 'contradicting_flags', `${given.join(' and ')} contradict each other`, {
      hint: `--${action} gives the whole list, --add-${action} adds to it, --no-${action} empties it.`,
    });
  }
  const origin = (flag: string, list: string) => ({ flag, list, action, maxDepth });
  if (none) return { how: 'replace', entries: [] };
  if (whole) return { how: 'replace', entries: readEntries(whole, origin(`--${action}`, LIST_OF[action])) };
  const flag = `--add-${action}`;
  return added && { how: 'add', entries: readEntries(added, origin(flag, flag)) };
}
