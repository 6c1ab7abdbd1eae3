import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decide } from '../../../../src/lib/cluster/staged/decide.js';
import type { Decision } from '../../../../src/lib/cluster/staged/decision.js';
import type { Look } from '../../../../src/lib/cluster/staged/look.js';
import { resumed, type StagedState } from '../../../../src/lib/cluster/staged/state.js';
import { OPTIONS } from './world.js';

/** What can happen to a cluster, to the way there and to us between two looks. */
const HAPPENINGS = [
  'nothing',
  'clients go',
  'queues move',
  'the way is cut',
  'the way is back',
  'a survivor dies',
  'the survivor is back',
  'the leaver dies',
  'the leaver is back',
  'the process is killed before its step',
  'the process is killed after its step',
  'the answer is lost',
  'the -k waits for the members',
  'the broker refuses',
  'another operator sends the -k',
  'another operator restarts the listeners',
  'another operator takes a survivor out',
  'that survivor is kept after all',
] as const;
type Happening = (typeof HAPPENINGS)[number];

const LISTENERS = 2;
/** Milliseconds until a broker that waits for its members notices that they are ready. */
const READY = 12_000;

/** A cluster in numbers. */
class World {
  now = 1_000_000;
  serving = LISTENERS;
  listeners = LISTENERS;
  sessions = 40;
  queues = 60;
  moved = 0;
  isListed = true;
  isAlive = true;
  isCut = false;
  survivorIsUp = true;
  survivorIsLeaving = false;
  /** The broker is at a leave with -k. */
  isLeaving = false;
  /** Milliseconds that a -k waits yet, as long as all members are up; undefined while none does. */
  waiting: number | undefined;
  leavesSent = 0;

  look(awaiting: boolean): Look {
    const isSeen = this.isAlive && !this.isCut && this.isListed;
    return {
      now: this.now,
      leaver: isSeen
        ? {
            sessions: this.sessions,
            queues: this.queues,
            queueOut: this.moved,
            serving: this.serving,
            listeners: this.listeners,
            unserved: this.serving < LISTENERS ? [{ address: '0.0.0.0', port: 1883 }] : [],
          }
        : undefined,
      isListed: this.isCut ? undefined : this.isListed,
      isDead: !this.isCut && this.isListed && !this.isAlive,
      survivors: this.isCut ? {} : { 'a@h': 5 },
      lost: this.survivorIsUp || this.isCut ? [] : ['b@h'],
      silent: this.survivorIsUp || this.isCut ? [] : ['b@h'],
      suspended: [],
      leaving: this.survivorIsLeaving && this.survivorIsUp && !this.isCut ? ['b@h'] : [],
      isWhole: this.survivorIsUp && !this.isCut,
      blind: this.isCut ? 'nobody answers' : undefined,
      awaiting,
    };
  }

  /** The broker goes on by itself. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.ask(milliseconds);
    if (!this.isLeaving || !this.isAlive || !this.survivorIsUp) return;
    const step = Math.min(this.queues, 25);
    this.queues -= step;
    this.moved += step;
    if (this.queues > 0) return;
    this.isListed = false;
    this.isAlive = false;
    this.isLeaving = false;
  }

  /** The broker asks all members whether they are ready, and asks again. */
  private ask(milliseconds: number): void {
    if (this.waiting === undefined) return;
    this.waiting = this.survivorIsUp ? this.waiting - milliseconds : READY;
    if (this.waiting > 0) return;
    this.waiting = undefined;
    if (this.isAlive && this.isListed && !this.isLeaving) this.leave();
  }

  leave(): void {
    this.listeners = 0;
    this.serving = 0;
    this.sessions = 0;
    this.isLeaving = true;
  }

  happen(what: Happening): void {
    if (what === 'clients go') this.sessions = Math.floor(this.sessions / 2);
    if (what === 'queues move') this.pass(100);
    if (what === 'the way is cut') this.isCut = true;
    if (what === 'the way is back') this.isCut = false;
    if (what === 'a survivor dies') this.survivorIsUp = false;
    if (what === 'the survivor is back') this.survivorIsUp = true;
    if (what === 'the leaver dies' && this.isListed) this.isAlive = this.isLeaving = false;
    if (what === 'the leaver is back' && this.isListed && !this.isAlive) {
      this.isAlive = true;
      this.listeners = this.serving = LISTENERS;
    }
    if (what === 'another operator sends the -k' && this.isAlive && this.isListed) this.leave();
    if (what === 'another operator restarts the listeners') this.serving = this.listeners;
    if (what === 'another operator takes a survivor out') this.survivorIsLeaving = true;
    if (what === 'that survivor is kept after all') this.survivorIsLeaving = false;
  }
}

/** The driver, without anything to wait for. */
class Run {
  state: StagedState;
  awaiting = false;
  abort = false;
  stops = 0;
  restoredAfterAbort = false;

  constructor(readonly world: World) {
    this.state = {
      stand: 'suspend',
      since: world.now,
      startedAt: world.now,
      node: 'c@h',
      address: null,
      survivors: ['a@h', 'b@h'],
      options: { ...OPTIONS, grace: 20_000, rate: 10 },
      listeners: Array.from({ length: LISTENERS }, (_, port) => ({ address: '0.0.0.0', port })),
      total: { queues: 60, messages: 0 },
      queueOut: 0,
      disconnected: 0,
    };
  }

  get isOver(): boolean {
    return this.state.stand === 'done' || this.state.stand === 'aborted';
  }

  /** Another process takes up what is on disk. */
  takeUp(): void {
    this.state = resumed(JSON.parse(JSON.stringify(this.state)) as StagedState);
    this.awaiting = false;
  }

  step(what: Happening): void {
    const { world } = this;
    world.happen(what);
    const decision = decide(this.state, world.look(this.awaiting), { abort: this.abort });
    this.state = decision.state;
    if (what === 'the process is killed before its step') this.takeUp();
    else this.act(decision, what);
    if (what === 'the process is killed after its step') this.takeUp();
  }

  private act(decision: Decision, what: Happening): void {
    const { world } = this;
    const answer =
      what === 'the broker refuses' ? 'refused' : what === 'the answer is lost' ? 'unknown' : 'done';
    if (decision.do === 'stop') {
      this.stops += 1;
      // An abort that comes too late is taken back; whatever else, somebody picks it up.
      if (decision.trouble === 'abort_too_late') this.abort = false;
      this.takeUp();
    }
    if (decision.do === 'suspend') {
      if (answer !== 'refused') world.serving = 0;
      this.state = { ...this.state, suspended: { at: world.now, answer } };
    }
    if (decision.do === 'restore') {
      if (answer !== 'refused') world.serving = world.listeners;
      this.state = { ...this.state, restored: { at: world.now, answer } };
    }
    if (decision.do === 'disconnect') world.sessions = Math.max(0, world.sessions - decision.count);
    if (decision.do === 'leave') this.leave(what);
    if (decision.do === 'account') this.state = { ...this.state, stand: 'done' };
  }

  private leave(what: Happening): void {
    const { world } = this;
    expect(world.isLeaving || world.waiting !== undefined, 'a second leave is never sent').toBe(false);
    expect(world.survivorIsUp, 'none is sent while a member is down').toBe(true);
    expect(world.survivorIsLeaving, 'none is sent while another is taken out').toBe(false);
    expect(this.abort, 'none is sent by whoever wants it undone').toBe(false);
    world.leavesSent += 1;
    if (what === 'the broker refuses') {
      this.state = { ...this.state, left: { at: world.now, answer: 'refused' } };
      return;
    }
    if (what === 'the -k waits for the members') world.waiting = READY;
    else world.leave();
    if (what === 'the answer is lost')
      this.state = { ...this.state, left: { at: world.now, answer: 'leave_in_progress' } };
  }
}

/** Mostly nothing; what disturbs comes one at a time or in bursts. */
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Happening>('nothing') },
  { weight: 1, arbitrary: fc.constantFrom(...HAPPENINGS) },
);
const happenings = fc.array(fc.tuple(happening, fc.integer({ min: 100, max: 12_000 })), {
  minLength: 10,
  maxLength: 80,
});
const CALM: readonly Happening[] = [
  'the way is back',
  'the survivor is back',
  'that survivor is kept after all',
  'the leaver is back',
];

it('holds what it promises in 1 000 runs of whatever can happen, and comes to an end when it calms down', () => {
  const seen = { done: 0, aborted: 0, leaves: 0, stops: 0 };
  const holds = (disturbances: readonly [Happening, number][], abortAt: number | null) => {
    const run = new Run(new World());
    for (const [index, [what, pause]] of disturbances.entries()) {
      if (index === abortAt) run.abort = true;
      advance(run, what, pause);
    }
    for (const what of CALM) advance(run, what, 500);
    for (let count = 0; count < 400; count += 1) advance(run, 'nothing', 1000);
    expect(run.isOver, `it ends, and stands in ${run.state.stand}`).toBe(true);
    seen[run.state.stand === 'done' ? 'done' : 'aborted'] += 1;
    seen.leaves += run.world.leavesSent;
    seen.stops += run.stops;
  };
  fc.assert(fc.property(happenings, fc.option(fc.nat(20), { freq: 3 }), holds), { numRuns: 1000 });
  // They have been where it matters.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
});

function advance(run: Run, what: Happening, pause: number): void {
  const { world } = run;
  if (run.isOver) return;
  run.step(what);
  if (run.state.stand === 'verify' || run.state.stand === 'done')
    expect(world.isListed, 'no account is taken of a member').toBe(false);
  if (run.state.stand === 'aborted') expect(world.serving).toBe(LISTENERS);
  world.pass(pause);
}
