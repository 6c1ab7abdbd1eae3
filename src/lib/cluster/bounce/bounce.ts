import type { AclStore } from '../../acl/store.js';
import { toFailure } from '../../admin/failure.js';
import { Failure } from '../../failure.js';
import type { SessionRow } from '../explain/sightings.js';
import {
  type AffectedSession,
  affectedSessions,
  connectionName,
  type FailedSession,
  named,
} from './affected.js';
import { type ReturnContext, type Returned, type WaitingEvent, waitForReturn } from './return.js';
import { listSessions } from './sessions.js';

export interface BounceContext extends ReturnContext {
  readonly store: Pick<AclStore, 'read'>;
  /** Keys of the records that were changed. */
  readonly changed: ReadonlySet<string>;
  /** Sessions a second, at most. */
  readonly rate: number;
}

export interface BounceReport extends Returned {
  readonly affected: number;
  readonly disconnected: number;
}

export type BounceEvent =
  | { readonly type: 'disconnecting'; readonly done: number; readonly total: number }
  | WaitingEvent;

/** What became of the sessions; with a failure, as far as it came. */
export interface Bounced {
  readonly report: BounceReport;
  /** Why it ended early, such as interrupted. */
  readonly failure: Failure | null;
}

/**
 * Disconnects the live sessions that changed records concern, and waits until they are back: their clients read the
 * new record as they connect. Their subscriptions and messages stay.
 *
 * @throws Failure: when the sessions cannot be listed at first; then none was disconnected
 */
export async function* bounceSessions(context: BounceContext): AsyncGenerator<BounceEvent, Bounced> {
  const { fleet, view, store, changed, signal } = context;
  const rows = await listSessions(fleet, view, signal);
  const affected = await affectedSessions(rows, changed, store);
  const disconnected: AffectedSession[] = [];
  const failed: FailedSession[] = [];
  let found: Returned = { back: [], notBack: [], lockedOut: [], failed: [] };
  let failure: Failure | null = null;
  try {
    yield* disconnectAll(context, affected, disconnected, failed);
    const before = new Set(rows.filter(({ isOnline }) => isOnline).map(connectionName));
    found = yield* waitForReturn(context, disconnected, before);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'bug') throw thrown;
    failure = thrown;
    found = { ...found, notBack: disconnected.map(named) };
  }
  const report = {
    affected: affected.length,
    disconnected: disconnected.length - found.failed.length,
    ...found,
    failed: [...failed, ...found.failed],
  };
  return { report, failure };
}

/** One after the other, no faster than the rate. What becomes of each is put into one of the lists. */
async function* disconnectAll(
  context: BounceContext,
  affected: readonly AffectedSession[],
  disconnected: AffectedSession[],
  failed: FailedSession[],
): AsyncGenerator<BounceEvent, void> {
  const { fleet, rate, signal } = context;
  for (const session of affected) {
    yield { type: 'disconnecting', done: disconnected.length + failed.length, total: affected.length };
    const started = fleet.clock.now();
    const why = await disconnect(context, session.row);
    if (why === undefined) disconnected.push(session);
    else failed.push({ ...named(session), why });
    const pause = 1000 / rate - (fleet.clock.now() - started);
    if (pause > 0) await fleet.clock.sleep(pause, signal);
    if (signal.aborted)
      throw new Failure('interrupted', 'interrupted', 'interrupted while disconnecting clients');
  }
}

/** Without --cleanup: what waits for the client stays. Returns why it failed. */
async function disconnect(
  { fleet, view, signal }: BounceContext,
  { clientId, mountpoint, node }: SessionRow,
): Promise<string | undefined> {
  if (/["\\]/.test(`${clientId}${mountpoint}`))
    return 'the broker cannot be asked for an id with a quote or a backslash';
  const home = view.members.find(({ name, address }) => name === node && address !== null);
  const address = home?.address ?? view.members.find((member) => member.address !== null)?.address;
  if (!address) return 'no node can be asked';
  const rpc = fleet.rpc(address);
  const flags = mountpoint === '' ? [] : [['mountpoint', mountpoint] as const];
  try {
    const reply = await rpc.call(
      { words: ['session', 'disconnect'], arguments: [['client-id', clientId]], flags },
      { deadline: fleet.deadline, signal },
    );
    return reply.outcome === 'done' ? undefined : toFailure(rpc.address, reply).message;
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    return thrown.message;
  }
}
