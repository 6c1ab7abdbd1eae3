import { setMaxListeners } from 'node:events';
import { Failure } from '../../failure.js';
import { type Fleet, observe } from '../observe.js';
import { type ClusterView, mergeViews } from '../view.js';
import { announce } from './announce.js';
import { commandFor } from './command-line.js';
import type { RollContext } from './context.js';
import type { RollEvent, RollReport } from './events.js';
import { serveAgain, suspendNode } from './listeners.js';
import { sessionsOf } from './load.js';
import { nextStep } from './machine.js';
import type { Prepared } from './prepare.js';
import { Progress } from './progress.js';
import { interrupted, reasonOf, stopped } from './reasons.js';
import { type RollRecord, updated } from './record.js';
import { currentNode, type RollState } from './state.js';
import type { Happened, Next, Step } from './step.js';
import { withNames } from './trouble.js';

/** Milliseconds between two looks, at least: a look that takes long costs the nodes much, and is taken less often. */
const POLL = { least: 500, most: 5000, looks: 3 };

/** Milliseconds. */
const UNDO_AFTER = 1000;

/** Takes the steps that the rules name, each one written down before. */
export async function* drive(
  context: RollContext,
  prepared: Prepared,
): AsyncGenerator<RollEvent, RollReport> {
  const driver = new Driver(context, prepared);
  try {
    return yield* driver.run();
  } finally {
    driver.end();
  }
}

class Driver {
  private readonly fleet: Fleet;
  private record: RollRecord;
  private view: ClusterView;
  private readonly over = new AbortController();
  private readonly ended = new AbortController();
  /** Aborted when the operator interrupts, or when the time is up. */
  private readonly signal: AbortSignal;
  private readonly progress = new Progress();
  private lookTook = 0;

  constructor(
    private readonly context: RollContext,
    private readonly prepared: Prepared,
  ) {
    const { signal, options } = context;
    this.fleet = prepared.fleet;
    this.record = prepared.record;
    this.view = prepared.view;
    this.signal = signal ? AbortSignal.any([signal, this.over.signal]) : this.over.signal;
    // All that goes on at once listens to it.
    setMaxListeners(0, this.signal);
    if (options.timeout !== undefined)
      void this.fleet.clock.sleep(options.timeout, this.ended.signal).then(() => this.over.abort());
  }

  end(): void {
    this.ended.abort();
  }

  async *run(): AsyncGenerator<RollEvent, RollReport> {
    const { view, resumed } = this.prepared;
    let happened: Happened = resumed ? { type: 'resumed', view } : { type: 'looked', view };
    for (;;) {
      const before = this.record.state;
      const next: Next = yield* this.keep(nextStep(before, happened, this.situation()));
      const { state, step } = next;
      yield* announce(before, next);
      if (step.type === 'stop') throw stopped(state, step.reason, this.record.id);
      if (step.type === 'finish') return this.report(state);
      happened = yield* this.take(step, state);
    }
  }

  private situation() {
    return { now: this.fleet.clock.now(), options: this.context.options };
  }

  /** Puts on disk what is about to be done. Where that cannot be, it is not done, and what was done before is undone. */
  private async *keep(next: Next): AsyncGenerator<RollEvent, Next> {
    const { state, step } = next;
    const outcome = step.type === 'stop' ? 'failed' : step.type === 'finish' ? 'done' : 'running';
    const old = this.record;
    const isNew =
      old.state.phase !== state.phase || old.state.results !== state.results || old.outcome !== outcome;
    const why = step.type === 'stop' ? step.reason.message : undefined;
    this.record = updated(old, state, outcome, this.fleet.clock.now(), why);
    if (!isNew && outcome === 'running') return next;
    try {
      await this.context.store.write(this.record);
      return next;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (step.type === 'stop' || step.type === 'finish' || state.phase === 'undo') {
        yield { type: 'warning', message: `${thrown.message}: --resume will not know how this ended` };
        return next;
      }
      this.record = old;
      return yield* this.keep(
        nextStep(old.state, { type: 'failed', reason: reasonOf(thrown) }, this.situation()),
      );
    }
  }

  private async *take(step: Step, state: RollState): AsyncGenerator<RollEvent, Happened> {
    // What is undone is undone to its end.
    const isUndo = state.phase === 'undo';
    try {
      if (this.signal.aborted && !isUndo) return this.interruption(step);
      const acting = this.act(step, state, isUndo ? undefined : this.signal);
      if (step.type === 'run' && !(await isOverBefore(this.signal, acting)))
        yield { type: 'command-awaited', node: currentNode(state) };
      const happened = await acting;
      if (happened.type === 'looked') yield* this.tell(state, happened.view);
      return happened;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (this.signal.aborted && !isUndo) return this.interruption(step);
      if (isUndo) yield { type: 'warning', message: thrown.message };
      return { type: step.type === 'run' ? 'unbegun' : 'failed', reason: reasonOf(thrown) };
    }
  }

  private get whyOver(): 'operator' | 'timeout' {
    return this.context.signal?.aborted ? 'operator' : 'timeout';
  }

  private interruption({ type }: Step): Happened {
    if (type === 'run') return { type: 'unbegun', reason: interrupted(this.whyOver, []) };
    return { type: 'interrupted', why: this.whyOver, view: this.view };
  }

  private async act(step: Step, state: RollState, signal: AbortSignal | undefined): Promise<Happened> {
    const node = currentNode(state);
    const address = state.addresses[node] ?? '';
    switch (step.type) {
      case 'suspend':
        await suspendNode(this.fleet, node, step.view, this.context.fleet.seeds, this.signal);
        return { type: 'suspended' };
      case 'serve':
        // A leave without -k whose answer was not waited for may still be about to suspend them.
        if (state.phase === 'undo') await this.fleet.clock.sleep(UNDO_AFTER);
        await serveAgain(this.fleet, { node, address }, state.suspended, signal);
        return { type: 'serving' };
      case 'run': {
        const line = commandFor(this.context.command, node, address);
        const end = await this.context.run(line, node, this.signal);
        // A command that has done its work in spite of an interruption has done its work.
        if (!this.signal.aborted || end.exitCode === 0) return { type: 'ran', end };
        return { type: 'interrupted', why: this.whyOver, view: this.view };
      }
      default:
        return await this.look();
    }
  }

  private async look(): Promise<Happened> {
    const { clock } = this.fleet;
    await clock.sleep(Math.min(POLL.most, Math.max(POLL.least, POLL.looks * this.lookTook)), this.signal);
    const began = clock.now();
    const view = mergeViews(await observe(this.fleet, this.signal));
    this.view = withNames(view, this.record.state.addresses);
    this.lookTook = clock.now() - began;
    return { type: 'looked', view: this.view };
  }

  private *tell(state: RollState, view: ClusterView): Generator<RollEvent> {
    const progress = this.progress.of(state, view, this.situation());
    if (progress) yield { type: 'progress', node: currentNode(state), progress };
  }

  private report(state: RollState): RollReport {
    const { id, startedAt } = this.record;
    return {
      operation: id,
      nodes: state.results,
      resumed: this.prepared.resumed,
      sessions: { before: state.sessions, after: sessionsOf(this.view) },
      took: this.fleet.clock.now() - startedAt,
    };
  }
}

/** Whether something is over before the signal is given. */
const isOverBefore = (signal: AbortSignal, acting: Promise<unknown>): Promise<boolean> =>
  new Promise((resolve) => {
    const onAbort = () => resolve(false);
    signal.addEventListener('abort', onAbort, { once: true });
    const onOver = () => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    };
    acting.then(onOver, onOver);
  });
