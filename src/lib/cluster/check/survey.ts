import { toFailure } from '../../admin/failure.js';
import type { AdminCommand, AdminReply, CallOptions } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { type Metrics, readPrometheus, shownIn } from '../metrics.js';
import type { Fleet } from '../observe.js';
import type { Problem } from '../problems/problem.js';
import type { Member } from '../view.js';
import type { Cause } from './causes/cause.js';
import type { Evidence } from './evidence.js';
import type { Answers } from './finding.js';
import type { Probes } from './probes.js';

/** Why one node does not tell something: no error of the check, but part of what it says. */
export class NotKnown extends Error {}

/** What the checks look at. What several of them want is asked for once. */
export class Survey {
  private readonly metrics = new Map<string, Promise<readonly [Metrics, Metrics]>>();

  constructor(
    readonly fleet: Fleet,
    readonly evidence: Evidence,
    readonly problems: readonly Problem[],
    readonly causes: readonly Cause[],
    readonly probes: Probes,
    /** Milliseconds between the two looks at counters. */
    private readonly sample: number,
    private readonly signal?: AbortSignal,
  ) {}

  get options(): CallOptions {
    return { deadline: this.fleet.deadline, signal: this.signal };
  }

  /** Members that run for somebody: a dead one is told by the views, and asked nothing more. */
  get living(): readonly Member[] {
    return this.evidence.view.members.filter(({ running, own }) => running !== 'no' || own !== null);
  }

  /** Asks each living member. */
  async each<Value>(ask: (member: Member) => Promise<Value>): Promise<Answers<Value>> {
    const known = new Map<string, Value>();
    const missing = new Map<string, string>();
    const answers = this.living.map(async (member) => {
      try {
        known.set(member.name, await ask(member));
      } catch (thrown) {
        if (thrown instanceof Failure && thrown.kind === 'interrupted') throw thrown;
        if (!(thrown instanceof Failure) && !(thrown instanceof NotKnown)) throw thrown;
        missing.set(member.name, thrown.message.replace(`${member.address}: `, ''));
      }
    });
    await Promise.all(answers);
    return { known: inOrder(this.living, known), missing: inOrder(this.living, missing) };
  }

  /**
   * Runs a command that changes nothing. A node whose membership is in doubt is asked nothing where it takes an API key: the
   * key may not have reached it, and it would refuse it until it is restarted.
   *
   * @throws NotKnown, Failure
   */
  async ask(member: Member, command: AdminCommand): Promise<AdminReply> {
    const address = reached(member);
    const isInDoubt = this.problems.some(({ code, nodes }) => IN_DOUBT.has(code) && nodes[0] === member.name);
    const rpc = this.fleet.rpc(address);
    if (isInDoubt && address.startsWith('http') && !(await rpc.isOpen(this.options)))
      throw new NotKnown('its membership is in doubt: an API key may not have reached it, and is not tried');
    const reply = await rpc.call(command, this.options);
    if (reply.outcome !== 'done') throw toFailure(address, reply);
    return reply;
  }

  /** @throws NotKnown where the way in is not HTTP; Failure */
  async page(member: Member, path: string) {
    const address = reached(member);
    const page = await this.fleet.rpc(address).page?.(path, this.options);
    if (!page)
      throw new NotKnown(`${path} is a page of HTTP, and it is reached by ${address.split(':')[0]}://`);
    return page;
  }

  /** The metrics of a node, twice. @throws NotKnown, Failure */
  twice(member: Member): Promise<readonly [Metrics, Metrics]> {
    const asked = this.metrics.get(member.name) ?? this.readTwice(member);
    this.metrics.set(member.name, asked);
    return asked;
  }

  private async readTwice(member: Member): Promise<readonly [Metrics, Metrics]> {
    const before = await this.readMetrics(member);
    await this.pause();
    return [before, await this.readMetrics(member)];
  }

  /** Between two looks. */
  async pause(): Promise<void> {
    await this.fleet.clock.sleep(this.sample, this.signal);
    if (this.signal?.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
  }

  /** `/metrics` asks for no key by default; where it does, or where there is no HTTP, the command is asked. */
  private async readMetrics(member: Member): Promise<Metrics> {
    const page = await this.fleet.rpc(reached(member)).page?.('/metrics', this.options);
    if (page?.status === 200) return readPrometheus(page.body, this.fleet.clock.now());
    const reply = await this.ask(member, { words: ['metrics', 'show'] });
    return shownIn(reply, this.fleet.clock.now());
  }
}

/** @throws NotKnown */
export function reached({ address }: Member): string {
  if (address === null) throw new NotKnown('it does not answer here');
  return address;
}

const IN_DOUBT = new Set(['wiped_node', 'expelled_node', 'one_sided_membership', 'membership_differs']);

const inOrder = <Value>(members: readonly Member[], found: ReadonlyMap<string, Value>) =>
  new Map(members.flatMap(({ name }) => [...found].filter(([node]) => node === name)));
