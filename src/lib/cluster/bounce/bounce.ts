import type { AclStore } from '../../acl/store.js';
import { toFailure } from '../../admin/failure.js';
import { Failure } from '../../failure.js';
import type { SessionRow } from '../explain/sightings.js';
import type { Fleet } from '../observe.js';
import type { ClusterView } from '../view.js';
import { type AffectedSession, affectedSessions, connectionName, sessionName } from './affected.js';
import { listSessions } from './sessions.js';

export interface BounceContext {
  readonly fleet: Fleet;
  readonly view: ClusterView;
  readonly store: Pick<AclStore, 'read'>;
  /** Keys of the records that were changed. */
  readonly changed: ReadonlySet<string>;
  /** Sessions a second, at most. */
  readonly rate: number;
  /** Milliseconds for which they may take to come back. */
  readonly wait: number;
  readonly signal: AbortSignal;
}

export interface BouncedSession {
  readonly mountpoint: string;
  readonly clientId: string;
  readonly user: string | null;
  readonly node: string;
  /** The key of the record that lets it in now; null where none does. */
  readonly record: string | null;
}

export interface BounceReport {
  readonly affected: number;
  readonly disconnected: number;
  readonly back: readonly BouncedSession[];
  readonly notBack: readonly BouncedSession[];
  /** No record lets them in any more, and they are out. */
  readonly lockedOut: readonly BouncedSession[];
  readonly failed: readonly FailedSession[];
}

export type FailedSession = BouncedSession & { readonly why: string };

export type BounceEvent =
  | { readonly type: 'disconnecting'; readonly done: number; readonly total: number }
  | { readonly type: 'waiting'; readonly missing: number };

/** Milliseconds between two looks at who is back. Each makes the nodes go through their queues. */
const PAUSE = 1000;

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

type Returned = Pick<BounceReport, 'back' | 'notBack' | 'lockedOut' | 'failed'>;

/** Looks until all are back that can be, or the time is over. */
async function* waitForReturn(
  { fleet, view, wait, signal }: BounceContext,
  disconnected: readonly AffectedSession[],
  before: ReadonlySet<string>,
): AsyncGenerator<BounceEvent, Returned> {
  if (disconnected.length === 0) return { back: [], notBack: [], lockedOut: [], failed: [] };
  const until = fleet.clock.now() + wait;
  let latest: ReturnType<typeof judge> | undefined;
  for (;;) {
    const isLast = fleet.clock.now() >= until;
    try {
      latest = judge(disconnected, before, await listSessions(fleet, view, signal));
    } catch (thrown) {
      // A look that fails says nothing, as long as another one does not.
      if (!(thrown instanceof Failure) || thrown.kind === 'interrupted' || (isLast && !latest)) throw thrown;
    }
    if (latest && (isLast || latest.isSettled)) return latest.returned;
    const { notBack = disconnected, failed = [] } = latest?.returned ?? {};
    yield { type: 'waiting', missing: notBack.length + failed.length };
    await fleet.clock.sleep(PAUSE, signal);
    if (signal.aborted)
      throw new Failure('interrupted', 'interrupted', 'interrupted while waiting for clients');
  }
}

/** @param before the connections that there were at first: in a split a client may have more than the one that was ended */
function judge(
  disconnected: readonly AffectedSession[],
  before: ReadonlySet<string>,
  rows: readonly SessionRow[],
) {
  const online = new Map<string, SessionRow[]>();
  for (const row of rows.filter(({ isOnline }) => isOnline))
    online.set(sessionName(row), [...(online.get(sessionName(row)) ?? []), row]);
  const [back, notBack, lockedOut] = [[], [], []] as [BouncedSession[], BouncedSession[], BouncedSession[]];
  const failed: FailedSession[] = [];
  for (const session of disconnected) {
    const { row, record } = session;
    const found = online.get(sessionName(row)) ?? [];
    const left = found.find((one) => before.has(connectionName(one)));
    const later = found.find((one) => !before.has(connectionName(one)));
    if (left)
      failed.push({
        ...named({ row: left, record }),
        why: 'the broker said Done, and it is still connected',
      });
    else if (later && record === null)
      failed.push({
        ...named({ row: later, record }),
        why: 'it is connected again, though no record lets it in',
      });
    else if (later) back.push(named({ row: later, record }));
    else (record === null ? lockedOut : notBack).push(named(session));
  }
  const returned: Returned = { back, notBack, lockedOut, failed };
  return { isSettled: notBack.length + failed.length === 0, returned };
}

function named({ row, record }: AffectedSession): BouncedSession {
  const { mountpoint, clientId, user, node } = row;
  return { mountpoint, clientId, user, node, record };
}
