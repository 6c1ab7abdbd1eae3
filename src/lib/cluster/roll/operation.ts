import { lookAround } from '../reach.js';
import type { RollContext } from './context.js';
import { drive } from './drive.js';
import type { RollEvent, RollReport } from './events.js';
import { prepareRoll } from './prepare.js';
import { updated } from './record.js';

/**
 * Takes one node after the other out of service, runs a command for it, and waits until the cluster is whole again. Cut
 * short anywhere, it is gone on with by `resume`; what was done to a node that had not been touched yet is undone first.
 *
 * @throws Failure
 */
export async function* rollCluster(context: RollContext): AsyncGenerator<RollEvent, RollReport> {
  // Who holds the locks, and only who holds them, may read how far a roll has come.
  const lock = await context.lock(await memberNames(context));
  try {
    const prepared = await prepareRoll(context);
    const { record, resumed, givenUp } = prepared;
    for (const old of givenUp)
      await context.store.write(updated(old, old.state, 'aborted', context.fleet.clock.now()));
    yield resumed
      ? { type: 'resumed', operation: record.id, state: record.state }
      : { type: 'planned', state: record.state };
    return yield* drive(context, prepared);
  } finally {
    await lock.release();
  }
}

/** Also where it can only be reached over what an earlier run knows. */
async function memberNames(context: RollContext): Promise<readonly string[]> {
  if (context.resume) return (await prepareRoll(context)).record.members;
  const { members } = await lookAround(context.fleet, context.signal);
  return members.map(({ name }) => name);
}
