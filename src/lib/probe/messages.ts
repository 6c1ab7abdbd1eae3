import type { QoS } from './names.js';
import type { ProbeNode, Run } from './run.js';
import { Flow, type Statistics } from './statistics.js';

/** From one node to another. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly all: Statistics;
  readonly byQos: Readonly<Partial<Record<QoS, Statistics>>>;
}

export interface RoundProgress {
  readonly round: number;
  /** Messages that each node has published with each QoS. */
  readonly sent: number;
  readonly of: number;
}

/** All messages from every node to every node. */
export class Matrix {
  private readonly flows = new Map<string, Flow>();
  private readonly sentAt = new Map<string, number>();
  rounds = 0;

  constructor(private readonly run: Run) {}

  /** One round between the nodes that are connected now. */
  async *round(): AsyncGenerator<RoundProgress, void> {
    const { options, clock, signal } = this.run.context;
    const nodes = this.run.connected;
    this.rounds += 1;
    const flows = this.begin(nodes);
    for (let number = 1; number <= options.count && !signal.aborted; number += 1) {
      for (const qos of options.qos) {
        for (const from of nodes) this.publish(from, nodes, qos, number);
        // One after the other: a burst would measure how long each waits for the others.
        await clock.sleep(options.interval / options.qos.length, signal);
      }
      yield { round: this.rounds, sent: number, of: options.count };
    }
    await this.run.until(() => flows.every(({ isComplete }) => isComplete));
    for (const flow of flows) flow.settle(signal.aborted);
  }

  pairs(): Pair[] {
    const { nodes } = this.run;
    return nodes.flatMap((from) => nodes.flatMap((to) => this.pair(from, to) ?? []));
  }

  private pair(from: ProbeNode, to: ProbeNode): Pair | undefined {
    const found = this.run.context.options.qos.flatMap((qos) => {
      const flow = this.flows.get(key(from.index, to.index, qos));
      return flow ? [[qos, flow] as const] : [];
    });
    if (found.length === 0) return undefined;
    return {
      from: from.node,
      to: to.node,
      all: Flow.summarize(found.map(([, flow]) => flow)),
      byQos: Object.fromEntries(found.map(([qos, flow]) => [qos, Flow.summarize([flow])])),
    };
  }

  private begin(nodes: readonly ProbeNode[]): Flow[] {
    this.sentAt.clear();
    this.run.handlers.set('m', (to, from, { topic, payload }) => this.arrived(to, from, topic, payload));
    const flows = nodes.flatMap((from) =>
      nodes.flatMap((to) => this.run.context.options.qos.map((qos) => this.flow(from.index, to.index, qos))),
    );
    for (const flow of flows) flow.begin(this.rounds);
    return flows;
  }

  private publish(from: ProbeNode, nodes: readonly ProbeNode[], qos: QoS, number: number): void {
    for (const to of nodes) this.flow(from.index, to.index, qos).publish();
    this.sentAt.set(`${from.index}.${qos}.${number}`, this.run.context.ticks());
    // Its failure is noted at the node; that nothing arrives is counted.
    void this.run.publish(from, this.run.names.message(from.index, qos), `${this.rounds}.${number}`, { qos });
  }

  private arrived(to: number, from: number, topic: string, payload: string): void {
    const now = this.run.context.ticks();
    const qos = Number(topic.slice(-1)) as QoS;
    const [round = 0, number = 0] = payload.split('.').map(Number);
    // A call of the time before the first round.
    if (round === 0) return;
    const sent = this.sentAt.get(`${from}.${qos}.${number}`) ?? now;
    this.flows.get(key(from, to, qos))?.arrive(round, number, now - sent);
  }

  private flow(from: number, to: number, qos: QoS): Flow {
    const name = key(from, to, qos);
    const flow = this.flows.get(name) ?? new Flow();
    this.flows.set(name, flow);
    return flow;
  }
}

const key = (from: number, to: number, qos: QoS) => `${from}-${to}-${qos}`;
