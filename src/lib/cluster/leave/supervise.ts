import { toFailure } from '../../admin/failure.js';
import type { AdminReply } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { observe } from '../observe.js';
import { totalsOf } from '../queues.js';
import { type ClusterView, mergeViews } from '../view.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent } from './events.js';
import { doneButMember, interrupted, leaverDied, stalled, timeIsUp } from './failures.js';
import type { LeaveRecord } from './journal.js';
import type { LeaveOptions } from './options.js';
import { QueueSampler } from './sampler.js';
import type { Sent } from './send.js';
import { hasDeparted, LeaveWatch, STALL } from './watch.js';

/** Milliseconds between two looks, at least: a look that takes long costs the nodes much, and is taken less often. */
const POLL = { least: 500, most: 5000, looks: 3 };
/** Milliseconds that the members get to agree after the broker has said Done (measured: well under 15 s). */
const AGREEMENT = 60_000;

/** A call that was sent, and when its answer came. */
interface Watched extends Sent {
  answeredAt?: number;
}

/**
 * Watches a leave until every survivor has forgotten the node.
 *
 * @param leaver URL of the leaving node, if it is known
 * @param sent the call whose answer may still come; undefined for a leave that an earlier run has sent
 * @throws Failure when the broker refuses or fails, when it stands still, or when the operator's time is up
 */
export async function* superviseLeave(
  context: LeaveContext,
  coordinator: string,
  leaver: string | null,
  record: LeaveRecord,
  sent: Sent | undefined,
): AsyncGenerator<LeaveEvent, void> {
  const { fleet, options, signal } = context;
  const { clock } = fleet;
  const started = clock.now();
  const total = totalsOf(record.before.filter(({ clean }) => !clean));
  const watch = new LeaveWatch({ ...record, total }, started);
  const current: Watched | undefined = sent;
  const sampler = new QueueSampler(leaver === null ? undefined : fleet.rpc(leaver), context);
  for (;;) {
    if (current?.thrown !== undefined) throw current.thrown;
    if (current?.reply && current.answeredAt === undefined) {
      current.answeredAt = clock.now();
      yield { type: 'answered', classification: current.reply };
      await judgeAnswer(context, coordinator, record, current.reply, current.again);
    }
    sampler.ask();
    const lookedAt = clock.now();
    const view = await look(context);
    const told = { migrated: current?.migrated ?? null, states: sampler.latest };
    const progress = { ...watch.look(view, clock.now(), told), blind: whyBlind(view) };
    const departed = hasDeparted(view, record.node, record.survivors);
    if (departed && !awaitsAnswer(record, current)) return assertRepaired(record, current);
    yield { type: 'progress', progress };

    const now = clock.now();
    if (signal?.aborted) throw interrupted(options);
    if (record.path === 'migrate' && watch.hasDied(now)) throw leaverDied(options);
    if (isUnbelievable(current, now)) throw doneButMember(options, AGREEMENT);
    if (isStalled(record, current, watch, now)) {
      // The next run of the command may send it again, after a look at the cluster of its own.
      await context.journal.write({ ...record, answer: 'stalled' });
      throw stalled(options);
    }
    if (now - started > options.wait) throw timeIsUp(options, progress);
    await clock.sleep(pause(now - lookedAt), signal);
  }
}

const pause = (took: number) => Math.min(POLL.most, Math.max(POLL.least, POLL.looks * took));

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

const look = async ({ fleet, options, signal }: LeaveContext): Promise<ClusterView> =>
  mergeViews(await observe(fleet, signal).catch((thrown) => stoppedWatching(thrown, options)));

const whyBlind = ({ observers, unreachable }: ClusterView): string | undefined =>
  observers.length === 0
    ? [...new Set(unreachable.map(({ address, error }) => `${address}: ${error}`))].join('; ')
    : undefined;

function stoppedWatching(thrown: unknown, options: LeaveOptions): never {
  throw thrown instanceof Failure && thrown.kind === 'interrupted' ? interrupted(options) : thrown;
}

/** A failure ends the watch; the record stays where something may have changed, and is forgotten where nothing has. */
async function judgeAnswer(
  { journal }: LeaveContext,
  coordinator: string,
  record: LeaveRecord,
  reply: AdminReply,
  again: boolean,
): Promise<void> {
  if (reply.outcome === 'unknown') return;
  const nothingChanged =
    reply.outcome === 'refused' || reply.code === 'unreachable' || reply.code === 'tls_not_trusted';
  // What an earlier run has sent did change something, whatever became of this attempt.
  if (nothingChanged && !again) await journal.remove(record.node);
  else await journal.write({ ...record, answer: reply.code });
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
