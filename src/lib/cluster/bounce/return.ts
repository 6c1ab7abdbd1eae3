import { Failure } from '../../failure.js';
import type { SessionRow } from '../explain/sightings.js';
import type { Fleet } from '../observe.js';
import type { ClusterView } from '../view.js';
import {
  type AffectedSession,
  type BouncedSession,
  connectionName,
  type FailedSession,
  named,
  sessionName,
} from './affected.js';
import { listSessions } from './sessions.js';

export interface ReturnContext {
  readonly fleet: Fleet;
  readonly view: ClusterView;
  /** Milliseconds for which they may take to come back. */
  readonly wait: number;
  readonly signal: AbortSignal;
}

export interface WaitingEvent {
  readonly type: 'waiting';
  readonly missing: number;
}

/** Milliseconds between two looks at who is back, at least. */
const PAUSE = 1000;
/** Each look makes the nodes go through all their queues: so many times as long as one takes they are left alone. */
const REST = 4;

/** What became of sessions that were disconnected. */
export interface Returned {
  readonly back: readonly BouncedSession[];
  readonly notBack: readonly BouncedSession[];
  /** No record lets them in any more, and they are out. */
  readonly lockedOut: readonly BouncedSession[];
  readonly failed: readonly FailedSession[];
}

/** Looks until all are back that can be, or the time is over. */
export async function* waitForReturn(
  { fleet, view, wait, signal }: ReturnContext,
  disconnected: readonly AffectedSession[],
  before: ReadonlySet<string>,
): AsyncGenerator<WaitingEvent, Returned> {
  if (disconnected.length === 0) return { back: [], notBack: [], lockedOut: [], failed: [] };
  const until = fleet.clock.now() + wait;
  let latest: ReturnType<typeof judge> | undefined;
  for (;;) {
    const started = fleet.clock.now();
    const isLast = started >= until;
    try {
      latest = judge(disconnected, before, await listSessions(fleet, view, signal));
    } catch (thrown) {
      // A look that fails says nothing, as long as another one does not.
      if (!(thrown instanceof Failure) || thrown.kind === 'interrupted' || (isLast && !latest)) throw thrown;
    }
    if (latest && (isLast || latest.isSettled)) return latest.returned;
    const { notBack = disconnected, failed = [] } = latest?.returned ?? {};
    yield { type: 'waiting', missing: notBack.length + failed.length };
    const ended = fleet.clock.now();
    const rest = Math.min(REST * (ended - started), until - ended);
    await fleet.clock.sleep(Math.max(PAUSE, rest), signal);
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
