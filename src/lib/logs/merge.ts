import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import { Bell } from './bell.js';
import type { LogRecord } from './record.js';
import type { SourceEvent } from './source.js';
import { MergeWindow } from './window.js';

/** How long an entry is held back in case another node has an earlier one on its way: longer than the logs are looked at. */
const HOLD = 1000;
/** Entries per node that wait for the others; then the node is not read further until some have gone out. */
const HELD = 4096;
const BATCH = 1024;

/** One node's log, as it is read. */
export interface Source {
  readonly node: string;
  /** Ends soon when the signal is aborted. */
  events(signal: AbortSignal): AsyncIterable<SourceEvent>;
}

export type LogEvent =
  | { readonly kind: 'records'; readonly records: readonly LogRecord[] }
  | { readonly kind: 'warning'; readonly node: string; readonly text: string };

export interface NodeReport {
  readonly node: string;
  /** Whether its log was found and could be read. */
  readonly reached: boolean;
  /** Why it is not, or no longer, read. */
  readonly failure: Failure | undefined;
}

/**
 * Merges the logs of nodes by time, in batches. A node that fails does not hold up the others. Ends when all logs have
 * ended, when none was ever reached, or when the signal is aborted; what was read by then still comes out.
 *
 * @throws what is no Failure
 */
export async function* mergeLogs(
  sources: readonly Source[],
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<LogEvent, readonly NodeReport[]> {
  const merger = new Merger(sources, clock, signal);
  try {
    yield* merger.events();
    return merger.reports;
  } finally {
    await merger.stop();
  }
}

class Merger {
  readonly reports: NodeReport[];
  private readonly window: MergeWindow;
  private readonly arrived = new Bell();
  private readonly room: readonly Bell[];
  private readonly warnings: LogEvent[] = [];
  private readonly stopped = new AbortController();
  private pumps: readonly Promise<void>[] = [];
  private broken: { readonly thrown: unknown } | undefined;

  constructor(
    private readonly sources: readonly Source[],
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {
    this.window = new MergeWindow(sources.length, HOLD, HELD);
    this.room = sources.map(() => new Bell());
    this.reports = sources.map(({ node }) => ({ node, reached: false, failure: undefined }));
  }

  async *events(): AsyncGenerator<LogEvent, void> {
    this.pumps = [...this.sources.keys()].map((index) => this.pump(index));
    for (;;) {
      const records = this.window.take(this.clock.now(), BATCH);
      yield* this.warnings.splice(0);
      if (records.length > 0) yield { kind: 'records', records };
      for (const [index, bell] of this.room.entries()) if (this.hasRoom(index)) bell.ring();
      if (this.broken) throw this.broken.thrown;
      const noneLeft = this.window.ended || this.reports.every(({ reached, failure }) => failure && !reached);
      if (noneLeft && this.warnings.length === 0) return;
      if (records.length < BATCH) await this.nextChange();
    }
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    for (const bell of this.room) bell.ring();
    await Promise.all(this.pumps);
  }

  private async nextChange(): Promise<void> {
    const due = this.window.due();
    if (due === undefined) return this.arrived.wait();
    const awake = new AbortController();
    const wait = Math.max(0, due - this.clock.now());
    await Promise.race([this.arrived.wait(), this.clock.sleep(wait, awake.signal)]);
    awake.abort();
  }

  private hasRoom(index: number): boolean {
    return this.window.held(index) < HELD;
  }

  private async pump(index: number): Promise<void> {
    const source = this.sources[index];
    const signal = AbortSignal.any([this.signal, this.stopped.signal]);
    try {
      for await (const event of source?.events(signal) ?? []) {
        this.take(index, event);
        this.arrived.ring();
        while (!this.hasRoom(index) && !this.stopped.signal.aborted) await this.room[index]?.wait();
        if (this.stopped.signal.aborted) return;
      }
    } catch (thrown) {
      if (thrown instanceof Failure) this.fail(index, thrown);
      else this.broken = { thrown };
    } finally {
      this.window.setState(index, 'ended');
      this.arrived.ring();
    }
  }

  private take(index: number, event: SourceEvent): void {
    if (event.kind === 'records') this.window.push(index, event.records, this.clock.now());
    else if (event.kind === 'live') this.window.setState(index, 'live');
    else if (event.kind === 'reached') this.reach(index);
    else if (event.kind === 'warning') this.warn(index, event.text);
    else this.lose(index, event.failure);
  }

  private reach(index: number): void {
    const report = this.reports[index];
    if (report?.reached && report.failure) this.warn(index, `${report.node}: connected again.`);
    this.report(index, { reached: true, failure: undefined });
  }

  /** The others are not to wait for it. Once is enough to be told that it is away. */
  private lose(index: number, failure: Failure): void {
    this.window.setState(index, 'live');
    const report = this.reports[index];
    if (!report?.failure) this.warn(index, `${failure.message}; trying again.`);
    this.report(index, { failure });
  }

  private fail(index: number, failure: Failure): void {
    this.report(index, { failure });
    // Of the only one that there is, whoever waits for the logs hears anyway.
    if (this.sources.length === 1 && !this.reports[index]?.reached) return;
    const hint = failure.hint ? ` ${failure.hint}` : '';
    this.warn(index, `${failure.message}.${hint}`);
  }

  private warn(index: number, text: string): void {
    this.warnings.push({ kind: 'warning', node: this.sources[index]?.node ?? '', text });
  }

  private report(index: number, change: Partial<NodeReport>): void {
    const report = this.reports[index];
    if (report) this.reports[index] = { ...report, ...change };
  }
}
