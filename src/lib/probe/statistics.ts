/** How many of the newest latencies a flow keeps: enough for a p99, and no more however long it is watched. */
const WINDOW = 1000;

/** What is counted of messages from one node to another. Latencies in milliseconds, null where nothing arrived. */
export interface Statistics {
  readonly sent: number;
  readonly received: number;
  /** Not there when the time for them was over. */
  readonly lost: number;
  /** Of the lost ones: those that came after all. */
  readonly late: number;
  readonly duplicates: number;
  /** Arrived after one that was published later, on the same topic with the same QoS. */
  readonly outOfOrder: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Messages of one QoS from one publisher to one subscriber. Rounds and numbers count up from 1. */
export class Flow {
  private round = 0;
  private seen = new Set<number>();
  private highest = 0;
  private sent = 0;
  private received = 0;
  private late = 0;
  private duplicates = 0;
  private outOfOrder = 0;
  /** In the rounds that are over. */
  private lostBefore = 0;
  private readonly latencies: number[] = [];

  /** What is still on its way of the rounds before is lost from now on. */
  begin(round: number): void {
    this.round = round;
    this.seen = new Set();
    this.highest = 0;
  }

  publish(): void {
    this.sent += 1;
  }

  arrive(round: number, number: number, latency: number): void {
    if (round !== this.round) {
      this.late += 1;
      return;
    }
    if (this.seen.has(number)) {
      this.duplicates += 1;
      return;
    }
    this.seen.add(number);
    if (number < this.highest) this.outOfOrder += 1;
    this.highest = Math.max(this.highest, number);
    this.latencies[this.received % WINDOW] = latency;
    this.received += 1;
  }

  /** Whether nothing of this round is on its way any more. */
  get isComplete(): boolean {
    return this.received + this.lostBefore === this.sent;
  }

  /** @param isCutShort what has not arrived was not waited for: it counts as never sent */
  settle(isCutShort: boolean): void {
    if (isCutShort) this.sent = this.received + this.lostBefore;
    this.lostBefore = this.sent - this.received;
  }

  /** Several flows as one. */
  static summarize(flows: readonly Flow[]): Statistics {
    const total = (of: (flow: Flow) => number) => flows.reduce((sum, flow) => sum + of(flow), 0);
    const sorted = flows.flatMap(({ latencies }) => latencies).sort((one, other) => one - other);
    const sent = total((flow) => flow.sent);
    const received = total((flow) => flow.received);
    return {
      sent,
      received,
      lost: sent - received,
      late: total((flow) => flow.late),
      duplicates: total((flow) => flow.duplicates),
      outOfOrder: total((flow) => flow.outOfOrder),
      p50: percentile(sorted, 50),
      p99: percentile(sorted, 99),
      max: sorted.at(-1) ?? null,
    };
  }
}

/**
 * By nearest rank: the smallest value that at least so many percent do not exceed.
 *
 * @param sorted ascending
 * @param percent more than 0, at most 100
 */
export function percentile(sorted: readonly number[], percent: number): number | null {
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
}
