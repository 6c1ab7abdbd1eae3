import { Failure } from '../../failure.js';
import { type Sent, sendLeave } from '../leave/send.js';
import { type Done, disconnectSessions, restartListeners, suspendListeners } from './actions.js';
import type { StagedContext, StagedEvent } from './context.js';
import type { Decision } from './decision.js';
import { interrupted } from './endings.js';
import type { Ledger } from './ledger.js';
import type { ListenerKey, StagedState } from './state.js';

/** Whom the steps are asked of. */
export interface Addresses {
  /** A member that stays; undefined while none can be reached. */
  readonly coordinator: string | undefined;
  readonly leaver: string | undefined;
}

type Step = Exclude<Decision, { readonly do: 'wait' | 'stop' | 'end' | 'account' }>;

/** Takes the steps of a staged leave, each of which is on disk by then. */
export class Steps {
  private sent: Sent | undefined;
  /** What the broker said last, for people. */
  answer: string | undefined;

  constructor(
    private readonly context: Omit<StagedContext, 'store' | 'timeout'>,
    private readonly ledger: Ledger,
  ) {}

  /** Whether the answer to the broker's `-k`, which may come minutes later, is still to come. */
  get awaiting(): boolean {
    return this.sent !== undefined && this.sent.reply === undefined;
  }

  async *takeAnswer(): AsyncGenerator<StagedEvent> {
    const { sent, ledger } = this;
    const { left } = ledger.state;
    if (sent?.thrown !== undefined) throw sent.thrown;
    if (!sent?.reply || !left || left.answer !== undefined) return;
    const { code, message } = sent.reply;
    this.answer = message;
    await ledger.become({ ...ledger.state, left: { ...left, answer: code } });
    const isDone = code === 'leave_unverified';
    yield {
      type: 'answered',
      message: isDone ? 'the broker says Done; now the members have to agree' : message,
    };
  }

  /** What could not be sent is taken back, and comes up again with the next look. */
  async *take(step: Step, { coordinator, leaver }: Addresses): AsyncGenerator<StagedEvent> {
    const { ledger } = this;
    if (coordinator === undefined) {
      yield { type: 'warning', message: 'no member that stays can be reached just now' };
      return await ledger.become(undone(ledger.state, step));
    }
    try {
      yield* this.ask(step, coordinator, leaver);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (thrown.kind === 'interrupted') throw interrupted(ledger.state);
      // Of the broker nothing comes like this: it is the journal, which has to be there before anything goes on.
      if (thrown.code === 'unwritable_file') throw thrown;
      yield { type: 'warning', message: thrown.message };
      await ledger.become(undone(ledger.state, step));
    }
  }

  private async *ask(
    step: Step,
    coordinator: string,
    leaver: string | undefined,
  ): AsyncGenerator<StagedEvent> {
    const { fleet, signal } = this.context;
    const { state } = this.ledger;
    if (step.do === 'suspend')
      yield* this.answered('suspended', await suspendListeners(fleet, coordinator, state, signal));
    else if (step.do === 'restore')
      yield* this.answered('restored', await this.restore(step.listeners, leaver));
    else if (step.do === 'leave') this.send(coordinator);
    else if (step.do === 'disconnect') yield* this.disconnect(coordinator, step.count);
  }

  private async *answered(
    step: 'suspended' | 'restored',
    { answer, message }: Done,
  ): AsyncGenerator<StagedEvent> {
    const { ledger } = this;
    const sent = ledger.state[step];
    this.answer = message;
    if (!sent) return;
    const isSent = answer !== 'unreachable';
    await ledger.become({ ...ledger.state, [step]: isSent ? { ...sent, answer } : undefined });
    yield { type: 'answered', message };
  }

  private async restore(listeners: readonly ListenerKey[], leaver: string | undefined): Promise<Done> {
    const { fleet, signal } = this.context;
    const { node } = this.ledger.state;
    if (leaver !== undefined) return await restartListeners(fleet, leaver, listeners, signal);
    return { answer: 'no_address', message: `${node} cannot be reached from here` };
  }

  /** The broker may know of fewer than its counters say: some are just going. */
  private async *disconnect(coordinator: string, count: number): AsyncGenerator<StagedEvent> {
    const { fleet, signal } = this.context;
    const { ledger } = this;
    const { sent, brokenOff } = await disconnectSessions(fleet, coordinator, ledger.state, count, signal);
    const { disconnected } = ledger.state;
    await ledger.become({ ...ledger.state, disconnected: disconnected - count + sent });
    if (brokenOff) yield { type: 'warning', message: BROKEN_OFF };
  }

  private send(coordinator: string): void {
    const { fleet, signal } = this.context;
    const { node, options } = this.ledger.state;
    const never = { wait: 0, allowMessageLoss: false, allowUnreachableNode: false };
    this.sent = sendLeave(fleet, coordinator, { ...options, ...never, node, kill: true }, false, signal);
  }
}

const BROKEN_OFF =
  'the broker broke a batch off, as it does when one of the clients has just gone; the others follow';

/** A step that was not taken after all. */
function undone(state: StagedState, step: Step): StagedState {
  switch (step.do) {
    case 'suspend':
      return { ...state, suspended: undefined };
    case 'restore':
      return { ...state, restored: undefined };
    case 'leave':
      return { ...state, left: undefined };
    case 'disconnect':
      return { ...state, disconnected: state.disconnected - step.count };
  }
}
