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

/** A call that was sent, and when its answer came. */
interface Watched extends Sent {
  answeredAt?: number;
}

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
  const { fleet, journal, options, signal } = context;
  const { clock } = fleet;
  const started = clock.now();
  const total = totalsOf(record.before.filter(({ clean }) => !clean));
  const watch = new LeaveWatch({ ...record, total }, started);
  let current: Watched | undefined = sent;
  for (;;) {
    if (current?.reply && current.answeredAt === undefined) {
      current.answeredAt = clock.now();
      yield { type: 'answered', classification: current.reply };
      await judgeAnswer(context, coordinator, record, current.reply);
    }
    const { departed, progress } = await look(context, record, watch);
    if (departed && !awaitsAnswer(record, current)) return assertRepaired(record, current);
    yield { type: 'progress', progress };

    const now = clock.now();
    if (signal?.aborted) throw interrupted(record.node);
    if (isUnbelievable(current, now)) throw doneButMember(record.node);
    if (isStalled(record, current, watch, now)) {
      if (current) throw stalled(record.node);
      await journal.write({ ...record, sentAt: now });
      yield { type: 'sent', coordinator, again: true };
      current = sendLeave(fleet, coordinator, options, signal);
    }
    if (now - started > options.wait) throw timeIsUp(record.node, options.wait, progress);
    await clock.sleep(POLL, signal);
  }
}

/** Done was said, and yet the members go on listing the node. */
const isUnbelievable = (sent: Watched | undefined, now: number) =>
  sent?.reply?.code === 'leave_unverified' && now - (sent.answeredAt ?? now) > AGREEMENT;

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
  const view = mergeViews(
    await observe(fleet, signal).catch((thrown) => explainInterruption(thrown, record)),
  );
  const progress = watch.look(view, fleet.clock.now());
  const blind =
    view.observers.length === 0 ? view.unreachable.map(({ error }) => error).join('; ') : undefined;
  return { departed: hasDeparted(view, record.node, record.survivors), progress: { ...progress, blind } };
}

function explainInterruption(thrown: unknown, { node }: LeaveRecord): never {
  throw thrown instanceof Failure && thrown.kind === 'interrupted' ? interrupted(node) : thrown;
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

/**
 * Without an answer to come that would tell, a leave is over when the broker's own waiting is over and nothing moves
 * any more.
 */
function isStalled(record: LeaveRecord, sent: Sent | undefined, watch: LeaveWatch, now: number): boolean {
  const willBeTold =
    sent !== undefined && (sent.reply === undefined || sent.reply.code === 'leave_unverified');
  return !willBeTold && now > record.sentAt + record.timeout * 1000 && watch.stillFor(now) > STALL;
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
