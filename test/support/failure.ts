import { Failure } from '../../src/lib/failure.js';

/** The failure that `work` ends with. Anything else fails the test. */
export async function failure(work: Promise<unknown>): Promise<Failure> {
  const outcome = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof Failure) return outcome;
  throw outcome;
}
