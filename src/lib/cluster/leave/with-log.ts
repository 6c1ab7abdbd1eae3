import type { Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import type { MigrationEvent } from '../../logs/migration.js';
import type { LeaveEvent, LeaveReport } from './events.js';

/** What the log of a leaving node says of its migration, from now on and until the signal is aborted. */
export type MigrationLog = AsyncGenerator<MigrationEvent, void>;

export interface LogOptions {
  /**
   * Opens the log of a node, by its URL.
   *
   * @throws Failure (usage) where the URL tells of no host whose log could be read
   */
  readonly open: (leaver: string | null, signal: AbortSignal) => MigrationLog;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

type Leave = AsyncGenerator<LeaveEvent, LeaveReport>;

/** Milliseconds that what the node says last may take to arrive. */
const LAST_WORDS = 1000;

/**
 * The events of a leave, with those of the leaving node's log in between. The log is being read before the leave is sent;
 * where that cannot be, nothing is sent. From then on nothing of the leave depends on the log.
 *
 * @throws Failure: those of the leave; before it is sent also those of the log
 */
export async function* withMigrationLog(leave: Leave, options: LogOptions): Leave {
  const feed = new Feed(options);
  try {
    for (let next = leave.next(); ; ) {
      const turn = await feed.before(next);
      if (Array.isArray(turn)) {
        yield* turn;
        continue;
      }
      if (turn.done) {
        yield* await feed.lastWords();
        return turn.value;
      }
      yield turn.value;
      // The leave goes no further until it is asked for its next event.
      yield* await feed.openFor(turn.value);
      next = leave.next();
    }
  } finally {
    feed.stop();
    await leave.return(undefined as never);
  }
}

class Feed {
  readonly #stop = new AbortController();
  #log: MigrationLog | undefined;
  #next: Promise<LeaveEvent[]> | undefined;

  constructor(private readonly options: LogOptions) {}

  stop(): void {
    this.#stop.abort();
  }

  /** What comes first: this, or what the log says. */
  async before<T>(other: Promise<T>): Promise<T | LeaveEvent[]> {
    if (!this.#log) return other;
    this.#next ??= this.read(this.#log);
    const next = this.#next;
    const first = await Promise.race([other, next]);
    if (this.#next === next && Array.isArray(first)) this.#next = undefined;
    return first;
  }

  /** Begins to read when an event tells that a node is going to migrate, or does so already. */
  async openFor(event: LeaveEvent): Promise<LeaveEvent[]> {
    const leaver = this.#log ? undefined : leaverOf(event);
    if (leaver === undefined) return [];
    const { signal, open } = this.options;
    const until = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    try {
      const log = open(leaver, until);
      const first = await log.next();
      if (!first.done && first.value.kind === 'lost') throw first.value.failure;
      this.#log = log;
      return first.done ? [] : toEvents(first.value);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (event.type === 'planned') throw notSent(thrown);
      return [warning(`its log is not shown: ${thrown.message}`)];
    }
  }

  async lastWords(): Promise<LeaveEvent[]> {
    const { clock, signal } = this.options;
    if (!this.#log) return [];
    const events: LeaveEvent[] = [];
    const over = clock.sleep(LAST_WORDS, signal).then(() => this.stop());
    while (this.#log) {
      events.push(...(await (this.#next ?? this.read(this.#log))));
      this.#next = undefined;
    }
    await over;
    return events;
  }

  /** Never fails: the leave goes on without it. */
  private async read(log: MigrationLog): Promise<LeaveEvent[]> {
    try {
      const { value, done } = await log.next();
      if (!done) return toEvents(value);
      this.#log = undefined;
      return [];
    } catch (thrown) {
      this.#log = undefined;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return [warning(`its log is no longer shown: ${why}`)];
    }
  }
}

function leaverOf(event: LeaveEvent): string | null | undefined {
  if (event.type === 'resumed') return event.leaver;
  return event.type === 'planned' && event.plan.path === 'migrate' ? event.plan.target.address : undefined;
}

function toEvents(event: MigrationEvent): LeaveEvent[] {
  if (event.kind === 'records') return event.records.map((record) => ({ type: 'log', record }));
  if (event.kind === 'lost') return [warning(`${event.failure.message}; trying again`)];
  return event.kind === 'warning' ? [warning(event.text)] : [];
}

const warning = (message: string): LeaveEvent => ({ type: 'warning', message });

const notSent = ({ kind, code, message, hint, cause }: Failure) =>
  new Failure(kind, code, `nothing was sent, because its log cannot be shown: ${message}`, {
    hint: [hint, 'Or leave --logs out.'].filter(Boolean).join(' '),
    cause,
  });
