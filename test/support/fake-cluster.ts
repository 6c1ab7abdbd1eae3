import { classifyElements } from '../../src/lib/admin/classify.js';
import type {
  AdminCommand,
  AdminReply,
  AdminRpc,
  CallOptions,
  Classification,
  Listener,
  NodeView,
  QueueSummary,
  Row,
} from '../../src/lib/admin/rpc.js';
import type { Fleet } from '../../src/lib/cluster/observe.js';
import { Failure } from '../../src/lib/failure.js';
import { FakeClock } from './fake-clock.js';

export interface FakeNode {
  name: string;
  address: string;
  /** `frozen` accepts and never answers; a `dead` one refuses the connection. */
  state: 'up' | 'frozen' | 'dead';
  /** Thrown instead of any view. */
  failure?: Failure;
  /** Its management API takes no command without an API key. */
  wantsKey?: boolean;
  version: string;
  /** Its own view: member → running. */
  members: Map<string, boolean>;
  listeners: Listener[];
  online: number;
  offline: number;
  /** Since its last start; undefined where it does not count them. */
  messagesIn?: number;
  messagesOut?: number;
  queueIn: number;
  queueOut: number;
  /** Sessions as `session show` lists them. */
  sessions: Row[];
  subscriptions: number;
  retained: number;
}

type Answer = (
  command: AdminCommand,
  cluster: FakeCluster,
  options: CallOptions,
) => Promise<AdminReply> | AdminReply;

/** What a broker's text reply is taken for, by the same rules as a real one. */
export function reply(command: AdminCommand, text: string): AdminReply {
  const elements = [{ type: 'text', text } as const];
  return { ...classifyElements(command, elements), elements };
}

/** A reply that is not a success; most tests do not care for its hint. */
export const failed = (
  classification: Omit<Exclude<Classification, { outcome: 'done' }>, 'hint'> & { readonly hint?: string },
): AdminReply => ({ hint: 'Look at the node.', ...classification, elements: [] });

/** Brokers in memory, whose views, faults and answers a test sets by hand. */
export class FakeCluster {
  readonly clock = new FakeClock();
  readonly nodes = new Map<string, FakeNode>();
  /** Commands that reached a node, as `address words key=value --flag`. */
  readonly calls: string[] = [];
  answers: Record<string, Answer> = {};
  /** What a node answers that can be asked for its queues by state, as over Erlang distribution; no node by default. */
  queueSummary?: (node: FakeNode) => QueueSummary;
  /** Milliseconds. */
  summaryTakes = 0;
  /** Milliseconds that a node takes for its views. */
  viewsTake = 0;
  /** How often a node was asked for them. */
  looks = 0;

  constructor(...names: string[]) {
    for (const [index, name] of names.entries()) this.add(name, index + 1);
    for (const node of this.nodes.values()) node.members = new Map(names.map((name) => [name, true]));
  }

  add(name: string, number: number): FakeNode {
    const listener = (type: string, port: number): Listener => ({
      type,
      status: 'running',
      address: '127.0.0.1',
      port,
    });
    const node: FakeNode = {
      name,
      address: `http://127.0.0.1:${8880 + number}`,
      state: 'up',
      version: '2.1.2',
      members: new Map([[name, true]]),
      listeners: [
        listener('mqtt', 1880 + number),
        listener('http', 8880 + number),
        listener('vmq', 44050 + number),
      ],
      online: 0,
      offline: 0,
      queueIn: 0,
      queueOut: 0,
      sessions: [],
      subscriptions: 0,
      retained: 0,
    };
    this.nodes.set(name, node);
    return node;
  }

  node(name: string): FakeNode {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`no node ${name}`);
    return node;
  }

  /** @param seeds node names or addresses; all nodes by default */
  fleet(...seeds: string[]): Fleet {
    const given = seeds.length > 0 ? seeds : [...this.nodes.keys()];
    const rpcs = new Map<string, AdminRpc>();
    return {
      clock: this.clock,
      deadline: 5000,
      seeds: given.map((seed) => this.nodes.get(seed)?.address ?? seed),
      rpc: (address) => {
        const rpc = rpcs.get(address) ?? new FakeRpc(this, address);
        rpcs.set(address, rpc);
        return rpc;
      },
    };
  }

  /** Takes a node off: it refuses connections, and the others see it as not running. */
  kill(name: string): void {
    this.node(name).state = 'dead';
    for (const { members } of this.nodes.values()) if (members.has(name)) members.set(name, false);
  }

  /** Ends its membership everywhere but on itself. */
  forget(name: string): void {
    for (const node of this.nodes.values()) if (node.name !== name) node.members.delete(name);
  }
}

class FakeRpc implements AdminRpc {
  readonly streams = false;
  readonly queueSummary?: (options: CallOptions) => Promise<QueueSummary>;

  constructor(
    private readonly cluster: FakeCluster,
    readonly address: string,
  ) {
    if (cluster.queueSummary) this.queueSummary = (options) => this.summarise(options);
  }

  async call(command: AdminCommand, options: CallOptions): Promise<AdminReply> {
    const words = command.words.join(' ');
    const keys = (command.arguments ?? []).map(([key, value]) => ` ${key}=${value}`).join('');
    const flags = (command.flags ?? [])
      .map(([name, value]) => (value === true ? ` --${name}` : ` --${name}=${value}`))
      .join('');
    this.cluster.calls.push(`${this.address} ${words}${words.endsWith('show') ? '' : keys + flags}`);
    const node = await this.reach(options);
    if (!node)
      return failed({ outcome: 'failed', code: 'unreachable', message: 'no connection (ECONNREFUSED)' });
    const answer = this.cluster.answers[words];
    if (answer) return answer(command, this.cluster, options);
    const rows =
      words === 'cluster show'
        ? [...node.members].map(([Node, Running]) => ({ Node, Running }))
        : this.allSessions();
    return { outcome: 'done', code: 'done', message: 'answered', elements: [{ type: 'table', rows }] };
  }

  async views(options: CallOptions) {
    this.cluster.looks += 1;
    await this.cluster.clock.sleep(this.cluster.viewsTake, options.signal);
    const node = await this.reach(options, true);
    if (!node)
      throw new Failure('unreachable', 'unreachable', `${this.address}: no connection (ECONNREFUSED)`);
    const reached = [...this.cluster.nodes.values()].filter(
      ({ name, state }) => name !== node.name && state === 'up' && node.members.get(name),
    );
    return { self: node.name, views: [node, ...reached].map(viewOf) };
  }

  async membership(options: CallOptions): Promise<NodeView> {
    const node = await this.reach(options);
    if (!node)
      throw new Failure('unreachable', 'unreachable', `${this.address}: no connection (ECONNREFUSED)`);
    return { ...viewOf(node), version: null, listeners: [], counters: null };
  }

  async isOpen(options: CallOptions): Promise<boolean> {
    return (await this.reach(options))?.wantsKey !== true;
  }

  close(): void {}

  /** As the broker does it, a full look hangs while any member is frozen. */
  private async reach({ deadline, signal }: CallOptions, full = false): Promise<FakeNode | undefined> {
    await Promise.resolve();
    if (signal?.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
    const node = [...this.cluster.nodes.values()].find(({ address }) => address === this.address);
    if (!node || node.state === 'dead') return undefined;
    if (full && node.failure) throw node.failure;
    const hangs =
      node.state === 'frozen' ||
      (full && [...node.members.keys()].some((name) => this.cluster.nodes.get(name)?.state === 'frozen'));
    if (!hangs) return node;
    await this.cluster.clock.sleep(deadline, signal);
    throw new Failure('unreachable', 'no_answer', `${this.address}: no answer (DEADLINE)`);
  }

  private async summarise(options: CallOptions): Promise<QueueSummary> {
    const node = await this.reach(options);
    if (!node || !this.cluster.queueSummary)
      throw new Failure('unreachable', 'port_closed', `${this.address}: it refuses the connection`);
    await this.cluster.clock.sleep(this.cluster.summaryTakes);
    return this.cluster.queueSummary(node);
  }

  private allSessions(): Row[] {
    return [...this.cluster.nodes.values()]
      .filter(({ state }) => state === 'up')
      .flatMap(({ sessions }) => sessions);
  }
}

const viewOf = (node: FakeNode): NodeView => ({
  node: node.name,
  version: node.version,
  members: new Map(node.members),
  listeners: [...node.listeners],
  counters: {
    online: node.online,
    offline: node.offline,
    messagesIn: node.messagesIn,
    messagesOut: node.messagesOut,
    queueIn: node.queueIn,
    queueOut: node.queueOut,
    queueDrop: 0,
    queueUnhandled: 0,
    subscriptions: node.subscriptions,
    retained: node.retained,
  },
});
