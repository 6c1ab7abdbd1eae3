import type { AdminReply } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { type Fleet, observe } from '../observe.js';
import { type ClusterView, memberOf, mergeViews } from '../view.js';
import type { ReapJournal } from './journal.js';
import type { ReapOptions } from './options.js';
import { isListed } from './plan.js';
import { lookForLife } from './signs.js';

/** A leave whose answer has perhaps not come yet. */
export interface Call {
  reply: AdminReply | undefined;
  /** What kept the answer away. */
  thrown?: unknown;
  /** Settles with the answer, or without one. */
  readonly settled: Promise<void>;
}

/** What the steps of one removal of dead nodes work with. */
export class Run {
  private readonly over = new AbortController();
  private readonly pending = new Set<Promise<void>>();
  /** Nodes of which the broker has said Done. */
  readonly done = new Set<string>();

  constructor(
    readonly fleet: Fleet,
    readonly journal: ReapJournal,
    readonly survivors: readonly string[],
    readonly options: ReapOptions,
    readonly signal: AbortSignal | undefined,
    /** The addresses that answered: one that swallows what is sent to it would slow down every look. */
    private readonly answering: readonly string[],
  ) {}

  now(): number {
    return this.fleet.clock.now();
  }

  async look(): Promise<ClusterView> {
    if (this.signal?.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
    return mergeViews(await observe({ ...this.fleet, seeds: this.answering }, this.signal));
  }

  pause(milliseconds: number): Promise<void> {
    return this.fleet.clock.sleep(milliseconds, this.signal);
  }

  /** The survivors that list the node, or whose view nobody knows now. */
  listedBy(view: ClusterView, node: string): string[] {
    return this.survivors.filter((name) => memberOf(view, name)?.own?.members.has(node) !== false);
  }

  /** Whether it can be heard again, or any member sees it running. */
  async isBack(view: ClusterView, node: string): Promise<boolean> {
    const member = memberOf(view, node);
    if (member && (member.own !== null || member.running !== 'no')) return true;
    const signs = await lookForLife(this.fleet, view, [node], this.signal);
    return (signs.get(node) ?? []).some(({ found }) => found === 'alive');
  }

  /** Survivors that have died since. */
  fallen(view: ClusterView): string[] {
    return this.survivors.filter((name) => {
      const member = memberOf(view, name);
      return member !== undefined && member.running === 'no' && member.own === null && isListed(view, name);
    });
  }

  /** The survivor that is asked now. @throws Failure when none can be reached */
  coordinator(view: ClusterView): string {
    return coordinatorOf(view, this.survivors, this.fleet.seeds);
  }

  /** Sends the leave of a dead node: its membership is removed, and its queues are repaired if no dead member is left. */
  send(node: string, coordinator: string): Call {
    const command = { words: ['cluster', 'leave'], arguments: [['node', node]] } as const;
    const signals = this.signal ? [this.signal, this.over.signal] : [this.over.signal];
    const answer = this.fleet
      .rpc(coordinator)
      .call(command, { deadline: 0, signal: AbortSignal.any(signals) });
    const settled = answer.then(
      (reply) => {
        call.reply = reply;
        // In a removal too: the check has passed, because no other dead member was listed any more.
        if (reply.code === 'leave_unverified') this.done.add(node);
      },
      (thrown: unknown) => {
        call.thrown = thrown;
      },
    );
    const call: Call = { reply: undefined, settled };
    this.pending.add(settled);
    void settled.then(() => this.pending.delete(settled));
    return call;
  }

  /** Whether an answer is still to come. */
  get isAwaited(): boolean {
    return this.pending.size > 0;
  }

  /** Waits until all that was sent is answered, but no longer than this. */
  async settle(milliseconds: number): Promise<void> {
    await this.within(milliseconds, Promise.all(this.pending));
  }

  private async within(milliseconds: number, work: Promise<unknown>): Promise<void> {
    // A sleep that goes on would keep the process from ending.
    const awake = new AbortController();
    const signal = this.signal ? AbortSignal.any([this.signal, awake.signal]) : awake.signal;
    await Promise.race([work, this.fleet.clock.sleep(milliseconds, signal)]);
    awake.abort();
  }

  /** Waits for the answer, but no longer than this. @throws what kept the answer away */
  async answered(call: Call, milliseconds: number): Promise<AdminReply | undefined> {
    await this.within(milliseconds, call.settled);
    if (call.thrown !== undefined) throw call.thrown;
    return call.reply;
  }

  /** Gives up the answers that have not come. */
  close(): void {
    this.over.abort();
  }
}

/** @throws Failure (unreachable) */
export function coordinatorOf(
  view: ClusterView,
  survivors: readonly string[],
  seeds: readonly string[],
): string {
  const reachable = survivors.flatMap((name) => memberOf(view, name)?.address ?? []);
  const chosen = reachable.find((address) => seeds.includes(address)) ?? reachable[0];
  if (chosen !== undefined) return chosen;
  throw new Failure('unreachable', 'no_survivor_reachable', 'no member that stays can be reached from here', {
    hint: 'Name the URL of a member with --node.',
  });
}
