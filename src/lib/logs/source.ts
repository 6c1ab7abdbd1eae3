import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import type { LogLevel } from '../log-levels.js';
import type { SshHost } from '../ssh/host.js';
import { Pipeline } from './pipeline.js';
import type { LogRecord } from './record.js';
import { type Listing, RemoteFiles } from './remote.js';
import { selects } from './selection.js';
import { findEnd, findFromEnd, findSince, type Start } from './start.js';
import { LogTail, type Position } from './tail.js';
import { clockIsOff, compressedNotRead, linesMayBeMissing } from './warnings.js';

/** Where VerneMQ's packages, its container image and its own releases keep things. */
const CONFIGURATIONS = [
  '/etc/vernemq/vernemq.conf',
  '/opt/vernemq/etc/vernemq.conf',
  '/vernemq/etc/vernemq.conf',
];
const LOGS = ['/var/log/vernemq/console.log', '/opt/vernemq/log/console.log', '/vernemq/log/console.log'];

/** How long one fetch waits for more lines. */
const LONG_WAIT = 20_000;
/** How long an entry waits for more lines that belong to it. */
const SHORT_WAIT = 400;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** How often a read that does not follow is tried again after the connection was lost. */
const RETRIES = 3;
/** A first guess at how much room an entry takes, and how the guess grows. */
const BYTES_PER_RECORD = 300;
const GROWTH = 8;

export interface SourceOptions {
  /** Shown with each entry. */
  readonly node: string;
  /** The log's path; without it, it is looked for. */
  readonly file?: string | undefined;
  /** Entries of the last so many milliseconds, by the node's own clock. */
  readonly since?: number | undefined;
  /** The last so many of the entries that are wanted. */
  readonly lines?: number | undefined;
  readonly level?: LogLevel | undefined;
  readonly pattern?: RegExp | undefined;
  readonly follow: boolean;
  readonly sudo: boolean;
  /** Words in front of the shell there, such as `docker exec -i vernemq`. */
  readonly prefix?: readonly string[] | undefined;
  /** Milliseconds per fetch. */
  readonly deadline: number;
}

export type SourceEvent =
  | { readonly kind: 'records'; readonly records: readonly LogRecord[] }
  /** All that was written before has been delivered. */
  | { readonly kind: 'live' }
  /** The log is found and readable, for the first time or again. */
  | { readonly kind: 'reached' }
  /** It is tried again after a pause. */
  | { readonly kind: 'lost'; readonly failure: Failure }
  | { readonly kind: 'warning'; readonly text: string };

/** The log of one node, read and, if asked for, followed through rotations and lost connections. */
export class LogSource {
  private readonly remote: RemoteFiles;
  private tail: LogTail | undefined;
  private pipeline: Pipeline | undefined;
  private path: string | undefined;
  private atEnd = false;
  private failures = 0;
  private reached = false;

  constructor(
    host: SshHost,
    private readonly options: SourceOptions,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {
    this.remote = new RemoteFiles(host, { ...options, signal });
    this.path = options.file;
  }

  /**
   * Ends when the log has been read, or when the signal is aborted.
   *
   * @throws Failure: those of the host; configuration when there is no log or it may not be read
   */
  async *events(): AsyncGenerator<SourceEvent, void> {
    while (!this.signal.aborted) {
      try {
        return yield* this.read();
      } catch (thrown) {
        if (this.signal.aborted) break;
        const failure = this.retriable(thrown);
        yield { kind: 'lost', failure };
      }
      await this.clock.sleep(Math.min(FIRST_PAUSE * 2 ** (this.failures - 1), LONGEST_PAUSE), this.signal);
    }
    const records = this.pipeline?.flush() ?? [];
    if (records.length > 0) yield { kind: 'records', records };
  }

  private retriable(thrown: unknown): Failure {
    this.failures += 1;
    const temporary = thrown instanceof Failure && thrown.kind === 'unreachable';
    if (!temporary || (!this.options.follow && (!this.reached || this.failures > RETRIES))) throw thrown;
    return thrown;
  }

  private async *read(): AsyncGenerator<SourceEvent, void> {
    if (!this.tail) yield* this.open();
    const { tail, pipeline } = this;
    if (!tail || !pipeline) throw new Error('a log that is open has a position');
    while (!this.signal.aborted) {
      const wait = !this.atEnd ? 0 : pipeline.open ? SHORT_WAIT : LONG_WAIT;
      const chunk = await tail.next(this.options.follow ? wait : 0);
      if (this.failures > 0) yield { kind: 'reached' };
      this.failures = 0;
      if (chunk.gap) yield* warning(linesMayBeMissing(this.options.node));
      const records = pipeline.push(chunk);
      const quiet = chunk.atEnd && this.atEnd && chunk.bytes.length === 0;
      if (quiet) records.push(...pipeline.flush());
      if (records.length > 0) yield { kind: 'records', records };
      if (chunk.atEnd && !this.options.follow) return yield* this.finish(pipeline);
      if (chunk.atEnd && !this.atEnd) yield { kind: 'live' };
      this.atEnd = chunk.atEnd;
    }
  }

  private async *finish(pipeline: Pipeline): AsyncGenerator<SourceEvent, void> {
    const records = pipeline.end();
    if (records.length > 0) yield { kind: 'records', records };
  }

  /** Finds the log and the place in it to begin with. */
  private async *open(): AsyncGenerator<SourceEvent, void> {
    this.path ??= await this.remote.locate(CONFIGURATIONS, LOGS);
    const listing = await this.remote.list(this.path);
    if (listing.files.at(-1)?.path !== this.path) throw this.remote.notFound(`no log at ${this.path}`);
    if (!this.reached) {
      this.reached = true;
      yield { kind: 'reached' };
      yield* warning(clockIsOff(this.options.node, listing.now - this.clock.now()));
    }
    if (this.options.lines !== undefined && this.options.lines > 0) yield* this.lastRecords(listing);
    else {
      const { position, fromOldest } = await this.start(listing);
      if (fromOldest) yield* warning(compressedNotRead(this.options.node, listing.compressed));
      this.begin(position, listing, false);
    }
  }

  private async start({ files, now, zone }: Listing): Promise<Start> {
    const since = this.sinceTime(now);
    return since === undefined ? findEnd(files) : findSince(this.remote, files, since, zone);
  }

  private sinceTime(now: number): number | undefined {
    return this.options.since === undefined ? undefined : (now - this.options.since) * 1000;
  }

  private begin(position: Position | undefined, { zone, now }: Listing, midway: boolean) {
    if (!position || this.path === undefined) throw new Error('a log has at least one file');
    const { node, level, pattern } = this.options;
    const accepts = selects({ since: this.sinceTime(now), level, pattern });
    const tail = new LogTail(this.remote, this.path, position);
    const pipeline = new Pipeline({ node, zone, midway, accepts });
    this.tail = tail;
    this.pipeline = pipeline;
    return { tail, pipeline };
  }

  /** Reads the end of the log, and more of it while there are not enough entries of those that are wanted. */
  private async *lastRecords(listing: Listing): AsyncGenerator<SourceEvent, void> {
    const wanted = this.options.lines ?? 0;
    const total = listing.files.reduce((sum, { size }) => sum + size, 0);
    for (let distance = (wanted + 1) * BYTES_PER_RECORD; ; distance *= GROWTH) {
      const { tail, pipeline } = this.begin(findFromEnd(listing.files, distance), listing, distance < total);
      const last = await this.readLast(tail, pipeline, wanted).finally(() => {
        // Until its entries have gone out, the place that was read up to does not count.
        this.tail = undefined;
      });
      if (last.length < wanted && distance < total) continue;
      this.tail = tail;
      if (last.length < wanted) yield* warning(compressedNotRead(this.options.node, listing.compressed));
      if (last.length > 0) yield { kind: 'records', records: last };
      return;
    }
  }

  private async readLast(tail: LogTail, pipeline: Pipeline, wanted: number): Promise<LogRecord[]> {
    let last: LogRecord[] = [];
    for (let atEnd = false; !atEnd && !this.signal.aborted; ) {
      const chunk = await tail.next(0);
      last = [...last, ...pipeline.push(chunk)].slice(-wanted);
      atEnd = chunk.atEnd;
    }
    return [...last, ...pipeline.flush()].slice(-wanted);
  }
}

function* warning(text: string | undefined): Generator<SourceEvent> {
  if (text !== undefined) yield { kind: 'warning', text };
}
