import type { Unfinished } from '../cluster/bounce/unfinished.js';
import { Failure, type FailureKind } from '../failure.js';

/** After these nobody knows what the server has done; what cannot be reached for certain did nothing. */
const MAY_BE_WRITTEN: readonly FailureKind[] = ['unknown', 'bug'];

/**
 * Writes records once it is noted whose clients are to be disconnected then. Where certainly none was written, the note
 * is gone again.
 *
 * @param unfinished undefined where no client is to be disconnected
 * @throws Failure (configuration) where it cannot be noted: nothing was written then; those of `write`
 */
export async function noting<Report>(
  unfinished: Unfinished | undefined,
  keys: readonly string[],
  write: () => Promise<Report>,
): Promise<Report> {
  await unfinished?.begin(keys);
  try {
    return await write();
  } catch (thrown) {
    if (unfinished && isNothingWritten(thrown)) await withdraw(unfinished);
    throw thrown;
  }
}

const isNothingWritten = (thrown: unknown): boolean =>
  thrown instanceof Failure &&
  !MAY_BE_WRITTEN.includes(thrown.kind) &&
  Number(thrown.details?.settled ?? 0) === 0;

/** Why nothing was written matters more than that a note stays, which disconnects clients once too often. */
async function withdraw(unfinished: Unfinished): Promise<void> {
  try {
    await unfinished.withdraw();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
  }
}
