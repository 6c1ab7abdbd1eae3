import { Failure } from '../failure.js';
import { type CleanUpAccess, cleanUp } from './cleanup.js';
import type { ProbeJournals } from './journal.js';

export interface LeftoverReport {
  /** Ids of probes whose leftovers are gone now. */
  readonly removed: readonly string[];
  /** Those that run, or are being cleaned up by another process. */
  readonly busy: readonly string[];
  readonly failed: readonly { readonly id: string; readonly failure: Failure }[];
  readonly unreadable: readonly Failure[];
}

/** Removes what killed probes of this machine have left behind. */
export async function removeLeftovers(
  access: CleanUpAccess,
  journals: ProbeJournals,
  lock: (id: string) => Promise<{ release(): Promise<void> }>,
): Promise<LeftoverReport> {
  const { records, unreadable } = await journals.list();
  const removed: string[] = [];
  const busy: string[] = [];
  const failed: { id: string; failure: Failure }[] = [];
  for (const { id } of records) {
    try {
      const held = await lock(id);
      try {
        const journal = await journals.read(id);
        if (journal === undefined) continue;
        await cleanUp(access, journals, journal);
        removed.push(id);
      } finally {
        await held.release();
      }
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (thrown.code === 'locked') busy.push(id);
      else failed.push({ id, failure: thrown });
    }
  }
  return { removed, busy, failed, unreadable };
}
