import type { Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import type { MigrationEvent } from '../../logs/migration.js';
import type { LogRecord } from '../../logs/record.js';
import type { LeaveEvent } from './events.js';

/** What the log of a leaving node says of its migration, from now on and until the signal is aborted. */
export type MigrationLog = AsyncGenerator<MigrationEvent, void>;

/** What the log adds to the events of a leave. */
export type LogEvent =
  | { readonly type: 'log'; readonly record: LogRecord }
  | { readonly type: 'warning'; readonly message: string };

/** What an event of a leave means for the log of its node. */
export interface Occasion {
  /** URL of the node, if it is known. */
  readonly leaver: string | null;
  /** Without the log nothing is sent: it is not just told that it cannot be shown. */
  readonly isFirst: boolean;
}

export interface LogOptions<Event> {
  /** Whether to begin with the log now. */
  readonly occasionOf: (event: Event) => Occasion | undefined;
  /**
   * Opens the log of a node, by its URL.
   *
   * @throws Failure (usage) where the URL tells of no host whose log could be read
   */
  readonly open: (leaver: string | null, signal: AbortSignal) => MigrationLog;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds that what the node says last may take to arrive. */
const LAST_WORDS = 1000;

/**
 * The events of a leave, with those of the leaving node's log in between. The log is being read before the leave is sent;
 * where that cannot be, nothing is sent. From then on nothing of the leave depends on the log.
 *
 * @throws Failure: those of the leave; before it is sent also those of the log
 */
export async function* withMigrationLog<Event, Report>(
  leave: AsyncGenerator<Event, Report>,
  options: LogOptions<Event>,
): AsyncGenerator<Event | LogEvent, Report> {
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

class Feed<Event> {
  readonly #stop = new AbortController();
  #log: MigrationLog | undefined;
  #next: Promise<LogEvent[]> | undefined;

  constructor(private readonly options: LogOptions<Event>) {}

  stop(): void {
    this.#stop.abort();
  }

  /** What comes first: this, or what the log says. */
  async before<T>(other: Promise<T>): Promise<T | LogEvent[]> {
    if (!this.#log) return other;
    this.#next ??= this.read(this.#log);
    const next = this.#next;
    const first = await Promise.race([other, next]);
    if (this.#next === next && Array.isArray(first)) this.#next = undefined;
    return first;
  }

  /** Begins to read when an event tells that a node is going to migrate, or does so already. */
  async openFor(event: Event): Promise<LogEvent[]> {
    const occasion = this.#log ? undefined : this.options.occasionOf(event);
    if (occasion === undefined) return [];
    const { signal, open } = this.options;
    const until = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    try {
      const log = open(occasion.leaver, until);
      const first = await log.next();
      if (!first.done && first.value.kind === 'lost') throw first.value.failure;
      this.#log = log;
      return first.done ? [] : toEvents(first.value);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (occasion.isFirst) throw notSent(thrown);
      return [warning(`its log is not shown: ${thrown.message}`)];
    }
  }

  async lastWords(): Promise<LogEvent[]> {
    const { clock, signal } = this.options;
    if (!this.#log) return [];
    const events: LogEvent[] = [];
    const over = clock.sleep(LAST_WORDS, signal).then(() => this.stop());
    while (this.#log) {
      events.push(...(await (this.#next ?? this.read(this.#log))));
      this.#next = undefined;
    }
    await over;
    return events;
  }

  /** Never fails: the leave goes on without it. */
  private async read(log: MigrationLog): Promise<LogEvent[]> {
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

/** When a leave with `-k` is about to be sent, or goes on already. */
export function occasionOfLeave(event: LeaveEvent): Occasion | undefined {
  if (event.type === 'resumed') return { leaver: event.leaver, isFirst: false };
  return event.type === 'planned' && event.plan.path === 'migrate'
    ? { leaver: event.plan.target.address, isFirst: true }
    : undefined;
}

function toEvents(event: MigrationEvent): LogEvent[] {
  if (event.kind === 'records') return event.records.map((record) => ({ type: 'log', record }));
  if (event.kind === 'lost') return [warning(`${event.failure.message}; trying again`)];
  return event.kind === 'warning' ? [warning(event.text)] : [];
}

const warning = (message: string): LogEvent => ({ type: 'warning', message });

const notSent = ({ kind, code, message, hint, cause }: Failure) =>
  new Failure(kind, code, `nothing was sent, because its log cannot be shown: ${message}`, {
    hint: [hint, 'Or leave --logs out.'].filter(Boolean).join(' '),
    cause,
  });
