import { Failure } from '../../failure.js';
import type { Account } from '../leave/account.js';
import { observe } from '../observe.js';
import { type ClusterView, memberOf, mergeViews } from '../view.js';
import { deliveredBy, reckon, renewStock } from './account.js';
import { stuckQueues } from './actions.js';
import { reaching, type StagedContext, type StagedEvent, type StagedReport } from './context.js';
import { decide } from './decide.js';
import type { Decision, Trouble, Wish } from './decision.js';
import { leavesUnderWay } from './elsewhere.js';
import { interrupted, noCoordinator, timeIsUp } from './endings.js';
import { Ledger, type StagedRecord } from './ledger.js';
import { type Look, toLook } from './look.js';
import { progressOf, RateMeter } from './progress.js';
import { at } from './state.js';
import { type Addresses, Steps } from './steps.js';
import { troubleOf } from './trouble.js';

/** Milliseconds between two looks. */
const POLL = 500;
/** Milliseconds that are left for all that is not paced by the operator. */
const PATIENCE = 30 * 60_000;
/** Milliseconds for which what was listed of the node is good enough to send the `-k`. */
const FRESH = 30_000;

const NO_ACCOUNT = { account: null, lost: null, stopped: null };

/**
 * Takes a staged leave on from where its record stands, to its end. Each step is on disk before it is taken.
 *
 * @throws Failure where it stops before its end; the record says where
 */
export async function* runStaged(
  context: StagedContext,
  record: StagedRecord,
  wish: Wish,
): AsyncGenerator<StagedEvent, StagedReport> {
  return yield* new StagedRun(reaching(context, record.state), record).events(wish);
}

class StagedRun {
  private readonly ledger: Ledger;
  private readonly steps: Steps;
  private readonly meter = new RateMeter();
  private view: ClusterView | undefined;
  private stockedAt: number | undefined;
  /** The most that the node was seen with. */
  private sessions = 0;

  constructor(
    private readonly context: StagedContext,
    record: StagedRecord,
  ) {
    this.ledger = new Ledger(context.store, context.fleet.clock, record);
    this.steps = new Steps(context, this.ledger);
  }

  async *events(wish: Wish): AsyncGenerator<StagedEvent, StagedReport> {
    const { context, ledger, steps } = this;
    const { clock } = context.fleet;
    let started = clock.now();
    if (!wish.abort) yield* this.phase();
    for (;;) {
      if (context.signal?.aborted) throw interrupted(ledger.state);
      yield* steps.takeAnswer();
      const look = await this.look();
      const before = ledger.state.stand;
      const decision = await this.unlessElsewhere(await this.withStock(decide(ledger.state, look, wish)));
      await ledger.become(decision.state);
      if (ledger.state.stand !== before) yield* this.phase();
      if (decision.do === 'end') return await this.finish('aborted', NO_ACCOUNT);
      if (decision.do === 'stop') throw await this.stop(decision.trouble, look);
      if (decision.do === 'account') return await this.account();
      const paused = decision.do === 'wait' ? decision.why : undefined;
      yield { type: 'progress', progress: progressOf(ledger.state, look, this.meter, paused) };
      if (decision.do !== 'wait') yield* steps.take(decision, this.addresses());
      started = Math.min(started, clock.now());
      const waited = clock.now() - started;
      if (waited > this.limit(look)) throw timeIsUp(ledger.state, look, waited, paused);
      await clock.sleep(POLL, context.signal);
    }
  }

  /** Milliseconds. */
  private limit({ leaver }: Look): number {
    const { grace, rate } = this.ledger.state.options;
    this.sessions = Math.max(this.sessions, leaver?.sessions ?? 0);
    return this.context.timeout ?? PATIENCE + grace + (rate ? (this.sessions / rate) * 1000 : 0);
  }

  private *phase(): Generator<StagedEvent> {
    this.meter.reset();
    const { stand, address: leaver } = this.ledger.state;
    if (stand !== 'done' && stand !== 'aborted') yield { type: 'phase', phase: stand, leaver };
  }

  private async look(): Promise<Look> {
    const { fleet, signal } = this.context;
    const { state } = this.ledger;
    const observations = await observe(fleet, signal).catch((thrown: unknown) => {
      throw thrown instanceof Failure && thrown.kind === 'interrupted' ? interrupted(state) : thrown;
    });
    this.view = mergeViews(observations);
    return toLook(this.view, state, fleet.clock.now(), this.steps.awaiting);
  }

  /** The leaver is never asked for what its own shutdown would race. */
  private addresses(): Addresses {
    const { survivors, node } = this.ledger.state;
    const find = (name: string) => this.view && memberOf(this.view, name);
    const staying = survivors
      .map(find)
      .find((member) => member?.address && member.own && member.running !== 'no');
    return { coordinator: staying?.address ?? undefined, leaver: find(node)?.address ?? undefined };
  }

  private async account(): Promise<StagedReport> {
    const { state, id } = this.ledger;
    const { coordinator } = this.addresses();
    if (coordinator === undefined) throw noCoordinator(state);
    return await this.finish('done', await reckon(this.context, id, state, coordinator));
  }

  /** Before the queues move they are listed, which can last minutes: then there is another look before that is decided. */
  private async withStock(decision: Decision): Promise<Decision> {
    const { context, ledger } = this;
    const { clock } = context.fleet;
    if (decision.do !== 'leave') return decision;
    if (this.stockedAt !== undefined && Math.abs(clock.now() - this.stockedAt) < FRESH) return decision;
    const { coordinator } = this.addresses();
    if (coordinator === undefined || !this.view) return { do: 'wait', state: ledger.state };
    try {
      const delivered = deliveredBy(this.view, ledger.state.survivors);
      await renewStock(context, ledger.id, ledger.state.node, coordinator);
      this.stockedAt = clock.now();
      return { do: 'wait', state: { ...ledger.state, delivered } };
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind === 'configuration') throw thrown;
      if (thrown.kind === 'interrupted') throw interrupted(ledger.state);
      return { do: 'wait', state: ledger.state, why: `what it holds cannot be listed: ${thrown.message}` };
    }
  }

  /** A leave that still waits for the other members shows nowhere but in the broker that was asked. */
  private async unlessElsewhere(decision: Decision): Promise<Decision> {
    const { fleet, signal } = this.context;
    const { state } = this.ledger;
    if (decision.do !== 'leave' || !this.view) return decision;
    const seen = await leavesUnderWay(fleet, this.view, signal).catch((thrown: unknown) => {
      throw thrown instanceof Failure && thrown.kind === 'interrupted' ? interrupted(state) : thrown;
    });
    if (seen.length === 0) return decision;
    const why = `a cluster leave is going on in the broker of ${seen.join(', ')}`;
    return { do: 'wait', state: { ...decision.state, left: state.left }, why };
  }

  private async finish(
    outcome: 'done' | 'aborted',
    { account, lost, stopped }: Pick<StagedReport, 'account' | 'lost' | 'stopped'>,
  ): Promise<StagedReport> {
    const { ledger } = this;
    const now = this.context.fleet.clock.now();
    await ledger.become(at(ledger.state, outcome, now));
    await ledger.write(outcome, account ? summaryOf(account, lost) : 'its listeners serve again');
    const { node, survivors, startedAt, disconnected, listeners } = ledger.state;
    return {
      node,
      operation: ledger.id,
      outcome,
      survivors,
      took: Math.max(0, now - startedAt),
      disconnected,
      listeners,
      account,
      lost,
      stopped,
    };
  }

  private async stop(trouble: Trouble, { lost, silent }: Look): Promise<Failure> {
    const { state } = this.ledger;
    const { coordinator } = this.addresses();
    const isStuck = trouble === 'migration_stalled' && coordinator !== undefined;
    const stuck = isStuck ? await stuckQueues(this.context.fleet, coordinator, state.node) : [];
    const failure = troubleOf(trouble, state, { answer: this.steps.answer, stuck, lost, silent });
    await this.ledger.write(trouble === 'abort_too_late' ? 'running' : 'failed', failure.message);
    return failure;
  }
}

function summaryOf({ missing, fewer }: Account, lost: number | null): string {
  const found = [
    ...(missing.length > 0 ? [`${missing.length} queues are missing`] : []),
    ...(lost ? [`${lost} messages are missing`] : []),
    ...(!lost && fewer.length > 0 ? [`fewer messages wait for ${fewer.length} clients`] : []),
  ];
  return found.join(', ') || 'all is accounted for';
}
