import { toFailure } from '../../admin/failure.js';
import type { AdminReply } from '../../admin/rpc.js';
import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import { observe } from '../observe.js';
import { totalsOf } from '../queues.js';
import { mergeViews } from '../view.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent, LeaveProgress } from './events.js';
import type { LeaveRecord } from './journal.js';
import { type Sent, sendLeave } from './send.js';
import { hasDeparted, LeaveWatch, STALL } from './watch.js';

/** Milliseconds between two looks. */
const POLL = 500;
/** Milliseconds that the members get to agree after the broker has said Done (measured: well under 15 s). */
const AGREEMENT = 60_000;

/**
 * Watches a leave until every survivor has forgotten the node.
 *
 * @param sent the call whose answer may still come; undefined for a leave that an earlier run has sent
 * @throws Failure when the broker refuses or fails, when it stands still, or when the operator's time is up
 */
export async function* superviseLeave(
  context: LeaveContext,
  coordinator: string,
  record: LeaveRecord,
  sent: Sent | undefined,
): AsyncGenerator<LeaveEvent, void> {
  const { fleet, options, signal } = context;
  const { clock } = fleet;
  const started = clock.now();
  const watch = new LeaveWatch(
    { ...record, total: totalsOf(record.before.filter(({ clean }) => !clean)) },
    started,
  );
  let current = sent;
  let answeredAt: number | undefined;
  let last: LeaveProgress | undefined;
  for (;;) {
    if (current?.reply && answeredAt === undefined) {
      answeredAt = clock.now();
      yield { type: 'answered', classification: current.reply };
      await judgeAnswer(context, coordinator, record, current.reply);
    }
    const { departed, progress } = await look(context, record, watch);
    if (departed && !awaitsAnswer(record, current)) return assertRepaired(record, current);
    last = progress;
    yield { type: 'progress', progress };

    if (signal?.aborted) throw interrupted(record.node);
    const now = clock.now();
    if (
      answeredAt !== undefined &&
      current?.reply?.code === 'leave_unverified' &&
      now - answeredAt > AGREEMENT
    )
      throw doneButMember(record.node);
    if (isStalled(record, current, watch, now)) {
      if (current) throw stalled(record.node);
      await context.journal.write({ ...record, sentAt: now });
      yield { type: 'sent', coordinator, again: true };
      current = sendLeave(fleet, coordinator, options, signal);
    }
    if (now - started > options.wait) throw timeIsUp(record.node, options.wait, last);
    await clock.sleep(POLL, signal);
  }
}

/** For a dead node the answer matters: its queues are repaired only after its membership is gone. */
const awaitsAnswer = ({ path }: LeaveRecord, sent: Sent | undefined) =>
  path === 'remove' && sent !== undefined && sent.reply === undefined;

/** The connection was closed before the broker said that it had repaired the queues of the dead node. */
function assertRepaired({ path, node }: LeaveRecord, sent: Sent | undefined): void {
  if (path !== 'remove' || sent?.reply?.code !== 'leave_in_progress') return;
  throw new Failure(
    'unknown',
    'repair_unverified',
    `${node} is out, but the broker has not said that its subscriptions are repaired`,
    {
      hint: 'Once all dead members are out, run the same command again: it repeats the repair.',
    },
  );
}

async function look(
  { fleet, signal }: LeaveContext,
  record: LeaveRecord,
  watch: LeaveWatch,
): Promise<{ departed: boolean; progress: LeaveProgress }> {
  const view = mergeViews(await observe(fleet, signal));
  const progress = watch.look(view, fleet.clock.now());
  const blind =
    view.observers.length === 0 ? view.unreachable.map(({ error }) => error).join('; ') : undefined;
  return { departed: hasDeparted(view, record.node, record.survivors), progress: { ...progress, blind } };
}

/** A failure ends the watch; the record stays where something may have changed, and is forgotten where nothing has. */
async function judgeAnswer(
  { journal }: LeaveContext,
  coordinator: string,
  record: LeaveRecord,
  reply: AdminReply,
): Promise<void> {
  if (reply.outcome === 'unknown') return;
  const nothingChanged =
    reply.outcome === 'refused' || reply.code === 'unreachable' || reply.code === 'tls_not_trusted';
  await (nothingChanged ? journal.remove(record.node) : journal.write({ ...record, answer: reply.code }));
  throw toFailure(coordinator, reply);
}

/** Without an answer to come, a leave is over when the broker's own waiting is over and nothing moves any more. */
function isStalled(record: LeaveRecord, sent: Sent | undefined, watch: LeaveWatch, now: number): boolean {
  if (sent && sent.reply?.code !== 'leave_in_progress') return false;
  return now > record.sentAt + record.timeout * 1000 && watch.stillFor(now) > STALL;
}

const again = (node: string) => `The same command picks it up: vmqctl cluster leave node=${node} -k.`;

const interrupted = (node: string) =>
  new Failure('interrupted', 'interrupted', `stopped watching; the broker goes on taking ${node} out`, {
    hint: again(node),
  });

const stalled = (node: string) =>
  new Failure(
    'failed',
    'leave_stalled',
    `nothing has moved on ${node} for ${formatDuration(STALL)}: the broker seems to have given up without saying so`,
    {
      hint: `See console.log on ${node}. Then run the same command again: it will send the leave once more.`,
    },
  );

const doneButMember = (node: string) =>
  new Failure(
    'unknown',
    'done_but_member',
    `the broker says Done, yet ${node} is still listed after ${formatDuration(AGREEMENT)}`,
    {
      hint: 'Look with vmqctl cluster show; then run the same command again.',
    },
  );

function timeIsUp(node: string, wait: number, last: LeaveProgress): Failure {
  const { queues, messages } = last;
  const seen =
    queues.left === null
      ? 'its counters are no longer known'
      : `${queues.left} of ${queues.total} queues are left, ${messages.moved ?? 0} of ${messages.total} messages moved`;
  return new Failure(
    'unknown',
    'still_leaving',
    `${node} is still leaving after ${formatDuration(wait)}: ${seen}`,
    {
      hint: `The broker goes on. ${again(node)}`,
    },
  );
}
