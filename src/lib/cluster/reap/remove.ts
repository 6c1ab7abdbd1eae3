import { toFailure } from '../../admin/failure.js';
import type { AdminReply } from '../../admin/rpc.js';
import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import { hasDeparted } from '../leave/watch.js';
import type { ReapEvent } from './events.js';
import type { Call, Run } from './run.js';

const POLL = 500;
/** Milliseconds after an answer in which the members get to agree (measured: well under 15 s); then it is sent again. */
const AGREEMENT = 20_000;

/**
 * Ends the membership of one dead node. Whatever the broker says to it, only the members' views count: its check crashes
 * or hangs while another dead member is listed, after the membership is gone.
 *
 * @throws Failure when it is still listed in the end
 */
export async function* removeNode(run: Run, node: string): AsyncGenerator<ReapEvent, void> {
  const started = run.now();
  for (let again = false; ; again = true) {
    const view = await run.look();
    const isStillListed = !hasDeparted(view, node, run.survivors);
    // Once it is out, a node that comes back cannot undo that: the repair deals with it.
    if (isStillListed && (await run.isBack(view, node))) return yield* noteBack(run, node);
    if (!isStillListed) return yield* noteRemoved(run, node);
    const coordinator = run.coordinator(view);
    await run.journal.note(node, 'removing');
    yield { type: 'sent', node, step: 'removal', coordinator, again };
    const call = run.send(node, coordinator);
    if (yield* untilRemoved(run, node, call, coordinator, started)) return yield* noteRemoved(run, node);
  }
}

async function* noteRemoved(run: Run, node: string): AsyncGenerator<ReapEvent, void> {
  await run.journal.note(node, 'removed');
  yield { type: 'removed', node };
}

async function* noteBack(run: Run, node: string): AsyncGenerator<ReapEvent, void> {
  await run.journal.note(node, 'rejoined');
  yield { type: 'back', node, removed: false };
}

/** @returns false when it is to be sent once more */
async function* untilRemoved(
  run: Run,
  node: string,
  call: Call,
  coordinator: string,
  started: number,
): AsyncGenerator<ReapEvent, boolean> {
  let answeredAt: number | undefined;
  for (;;) {
    const reply = await run.answered(call, answeredAt === undefined ? POLL : 0);
    if (reply && answeredAt === undefined) {
      answeredAt = run.now();
      yield { type: 'answered', node, classification: reply };
      const refusal = refusalOf(coordinator, reply);
      if (refusal) await run.journal.note(node, 'listed');
      if (refusal) throw refusal;
    }
    const view = await run.look();
    if (hasDeparted(view, node, run.survivors)) return true;
    const listedBy = run.listedBy(view, node);
    const elapsed = run.now() - started;
    yield { type: 'waiting', node, elapsed, listedBy };
    if (elapsed > run.options.wait) throw stillListed(node, listedBy, elapsed);
    if (reply?.code === 'listeners_suspended') {
      yield { type: 'warning', message: suspended(node) };
      return false; // it is looked at again
    }
    if (answeredAt !== undefined && run.now() - answeredAt > AGREEMENT) return false;
    if (answeredAt !== undefined) await run.pause(POLL);
  }
}

/** To the broker the removal of a node that answers is the first stage of a leave. */
const suspended = (node: string) =>
  `the removal has suspended the MQTT listeners of ${node}, which came back just then: start them again with vmqctl listener restart, or restart the node`;

/** What another attempt would not change, such as a missing API key; a member that is gone is another matter. */
export function refusalOf(coordinator: string, reply: AdminReply): Failure | undefined {
  const failure = reply.outcome === 'refused' ? toFailure(coordinator, reply) : undefined;
  return failure?.kind === 'unreachable' ? undefined : failure;
}

const stillListed = (node: string, listedBy: readonly string[], elapsed: number) =>
  new Failure(
    'unknown',
    'still_listed',
    `not all members have forgotten ${node} (${listedBy.join(', ')}) after ${formatDuration(elapsed)}`,
    { hint: 'Look with vmqctl cluster show; then run the same command again.' },
  );
