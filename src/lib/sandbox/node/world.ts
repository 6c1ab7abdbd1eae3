import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock.js';
import type { ApiMode, Timings } from '../options.js';
import type { RecordSource } from '../records.js';

/** What decides who sees a node, and whom it sees. */
interface Visible {
  readonly name: string;
  /** Own name first. */
  readonly members: readonly string[];
  readonly isRunning: boolean;
  readonly isStopping: boolean;
  readonly cookie: string;
  readonly frozenSince: number | null;
  readonly faults: { readonly blindTo: ReadonlySet<string> };
}

/** All nodes of a sandbox, in one cluster or several, and what they can see of each other. */
export class World<Node extends Visible> {
  private readonly nodes = new Map<string, Node>();
  private readonly timers = new AbortController();

  constructor(
    readonly clock: Clock,
    readonly timings: Timings,
    readonly apiMode: ApiMode,
    /** Null: anonymous logins are allowed and nothing is denied. */
    readonly records: RecordSource | null,
  ) {
    // Every queue that is being torn down sleeps.
    setMaxListeners(0, this.timers.signal);
  }

  add(node: Node): void {
    this.nodes.set(node.name, node);
  }

  all(): readonly Node[] {
    return [...this.nodes.values()];
  }

  find(name: string): Node | undefined {
    return this.nodes.get(name);
  }

  /** Whether `observer` counts `target` as running: its own `cluster show`. */
  sees(observer: Node, target: Node | undefined): boolean {
    if (observer === target) return true;
    if (!target || observer.faults.blindTo.has(target.name) || observer.cookie !== target.cookie)
      return false;
    // A node that has left in good order is not missed: nobody says false of it.
    if (!target.isRunning) return target.isStopping;
    return target.frozenSince === null || this.clock.now() - target.frozenSince < this.timings.netTick;
  }

  /** The members of a node's cluster that run as far as it sees, itself first. */
  visibleMembers(observer: Node): readonly Node[] {
    return observer.members.flatMap((name) => {
      const node = this.find(name);
      return node?.isRunning && this.sees(observer, node) ? [node] : [];
    });
  }

  /** The nodes it has an Erlang connection with, itself first: one side that knows the other is enough. */
  connectedTo(observer: Node): readonly Node[] {
    const members = this.visibleMembers(observer);
    const others = this.all().filter(
      (node) =>
        !members.includes(node) &&
        node.members.includes(observer.name) &&
        this.sees(observer, node) &&
        this.sees(node, observer),
    );
    return [...members, ...others];
  }

  /** Sleeps, but no longer than the sandbox lives. */
  sleep(milliseconds: number): Promise<void> {
    return this.clock.sleep(milliseconds, this.timers.signal);
  }

  /** Does something after a while, unless the sandbox is closed by then. */
  async later(delay: number, act: () => void): Promise<void> {
    if (delay > 0) await this.sleep(delay);
    if (!this.isClosed) act();
  }

  get isClosed(): boolean {
    return this.timers.signal.aborted;
  }

  close(): void {
    this.timers.abort();
  }
}
