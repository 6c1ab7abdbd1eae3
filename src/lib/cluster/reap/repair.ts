import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import type { ReapEvent } from './events.js';
import { appeared } from './loss.js';
import { refusalOf } from './remove.js';
import type { Call, Run } from './run.js';

/** Milliseconds between two looks while the broker works, and before a repair that failed is sent again. */
const LOOK = 2000;
const RETRY = 5000;

/**
 * Has the queues of one removed node made anew: the same leave again, whose repair the broker does only when no dead
 * member is listed. It is sent until the broker says Done.
 *
 * @throws Failure when that is not certain in the end
 */
export async function* repairNode(run: Run, node: string): AsyncGenerator<ReapEvent, void> {
  const started = run.now();
  for (let again = false; ; again = true) {
    const view = await run.look();
    refuseFallen(run.fallen(view), node);
    // Sent now, it would suspend the listeners of a node that lives.
    if (await run.isBack(view, node)) return yield* noteReturned(run, node);
    const coordinator = run.coordinator(view);
    await run.journal.note(node, 'repairing');
    yield { type: 'sent', node, step: 'repair', coordinator, again };
    const reply = await untilAnswered(run, node, run.send(node, coordinator), started);
    yield { type: 'answered', node, classification: reply };
    const refusal = refusalOf(coordinator, reply);
    if (refusal) throw refusal;
    if (reply.code === 'listeners_suspended') return yield* noteReturned(run, node);
    if (reply.code === 'leave_unverified') return yield* noteRepaired(run, node, coordinator);
    refuseLate(run, node, started);
    await run.pause(RETRY);
  }
}

async function untilAnswered(run: Run, node: string, call: Call, started: number) {
  for (;;) {
    const reply = await run.answered(call, LOOK);
    if (reply) return reply;
    refuseFallen(run.fallen(await run.look()), node);
    refuseLate(run, node, started);
  }
}

async function* noteRepaired(run: Run, node: string, coordinator: string): AsyncGenerator<ReapEvent, void> {
  const { fleet, journal, signal } = run;
  await journal.note(node, 'repaired', await appeared(fleet, coordinator, journal.state, signal));
  yield { type: 'repaired', node };
}

async function* noteReturned(run: Run, node: string): AsyncGenerator<ReapEvent, void> {
  await run.journal.note(node, 'returned');
  yield { type: 'back', node, removed: true };
}

/** The broker's check would crash or never end. */
function refuseFallen(fallen: readonly string[], node: string): void {
  if (fallen.length === 0) return;
  throw new Failure(
    'partial',
    'survivor_died',
    `${fallen.join(', ')} died meanwhile: while a dead member is listed the broker does not repair ${node}`,
    {
      hint: `Start ${fallen[0]} again and run the same command; or, if it is gone for good, run vmqctl cluster reap without node=, which takes it out too.`,
    },
  );
}

function refuseLate(run: Run, node: string, started: number): void {
  const elapsed = run.now() - started;
  if (elapsed <= run.options.wait) return;
  throw new Failure(
    'unknown',
    'repair_unverified',
    `the broker has not said within ${formatDuration(elapsed)} that the queues of ${node} are repaired`,
    { hint: 'Run the same command again: it repeats the repair. console.log on the members may say more.' },
  );
}
