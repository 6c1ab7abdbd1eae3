import type { LogRecord } from './record.js';

/**
 * - `reading`: what it has is still being read, so nothing later than its next entry may go out.
 * - `live`: it has been read to its end; more may come at any time. - `ended`: no more will come.
 */
export type SourceState = 'reading' | 'live' | 'ended';

interface Held {
  readonly record: LogRecord;
  readonly arrived: number;
}

class Queue {
  state: SourceState = 'reading';
  private items: Held[] = [];
  private first = 0;

  get head(): Held | undefined {
    return this.items[this.first];
  }

  get length(): number {
    return this.items.length - this.first;
  }

  push(held: Held): void {
    this.items.push(held);
  }

  shift(): void {
    this.first += 1;
    if (this.first < 1024 || this.first * 2 < this.items.length) return;
    this.items = this.items.slice(this.first);
    this.first = 0;
  }
}

/**
 * Orders the entries of many nodes by time. The lines of one node stay in the order of its file. While a node is being read
 * it is waited for; of live nodes an entry is held back for a moment, in case another node has an earlier one on its way.
 */
export class MergeWindow {
  private readonly queues: readonly Queue[];
  private total = 0;

  /**
   * @param hold how long an entry is held back at most once all nodes are live, in milliseconds
   * @param capacity how many entries are held back at most
   */
  constructor(
    sources: number,
    private readonly hold: number,
    private readonly capacity: number,
  ) {
    this.queues = Array.from({ length: sources }, () => new Queue());
  }

  push(source: number, records: readonly LogRecord[], now: number): void {
    const queue = this.queues[source];
    for (const record of records) queue?.push({ record, arrived: now });
    this.total += records.length;
  }

  setState(source: number, state: SourceState): void {
    const queue = this.queues[source];
    if (queue) queue.state = state;
  }

  held(source: number): number {
    return this.queues[source]?.length ?? 0;
  }

  get ended(): boolean {
    return this.total === 0 && this.queues.every(({ state }) => state === 'ended');
  }

  /** Takes what may go out now, at most `limit` entries. */
  take(now: number, limit: number): LogRecord[] {
    const out: LogRecord[] = [];
    while (out.length < limit) {
      const earliest = this.mayRelease(now) ? this.earliest() : undefined;
      if (!earliest?.head) break;
      out.push(earliest.head.record);
      earliest.shift();
      this.total -= 1;
    }
    return out;
  }

  /** When the next entry may go out although nothing else comes; nothing when that depends on what comes. */
  due(): number | undefined {
    if (this.total === 0 || this.queues.some(isAwaited)) return undefined;
    return this.oldestArrival() + this.hold;
  }

  private mayRelease(now: number): boolean {
    if (this.queues.some(isAwaited)) return false;
    if (this.queues.every(({ state, length }) => length > 0 || state === 'ended')) return true;
    return this.total >= this.capacity || this.oldestArrival() + this.hold <= now;
  }

  private oldestArrival(): number {
    return Math.min(...this.queues.map(({ head }) => head?.arrived ?? Number.POSITIVE_INFINITY));
  }

  private earliest(): Queue | undefined {
    let found: Queue | undefined;
    for (const queue of this.queues) {
      if (!queue.head) continue;
      if (!found?.head || timeOf(queue.head) < timeOf(found.head)) found = queue;
    }
    return found;
  }
}

const isAwaited = ({ state, length }: Queue) => state === 'reading' && length === 0;
const timeOf = ({ record }: Held) => record.time ?? Number.NEGATIVE_INFINITY;
