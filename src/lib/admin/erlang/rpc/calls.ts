import { aborted, whenAborted } from '../abort.js';
import { ErlangError } from '../error.js';
import { GroupLeader, type OutputListener } from '../io/group-leader.js';
import type { Apply } from '../io/request.js';
import { type LimitOptions, timerDelay } from '../limit.js';
import { type Identifiers, pidKey, referenceKey } from '../process/identifiers.js';
import type { Processes, Send } from '../process/processes.js';
import type { BrokenTerm } from '../term/decode.js';
import { Atom, type Pid, Reference, type Term, Tuple } from '../term/types.js';
import { describeReason } from './describe.js';
import { errorIn } from './failure.js';
import { withResolvers } from './resolvers.js';

export interface CallOptions extends LimitOptions {
  /** Called with each line that the function writes while it runs, and with what is left without a line feed. */
  readonly onOutput?: OutputListener | undefined;
  /** What asks for input waits until this is aborted, and then hears `eof`; without it, at once. */
  readonly input?: AbortSignal | undefined;
}

interface PendingCall {
  /** `module:function/arity`. */
  readonly what: string;
  readonly leader: GroupLeader | undefined;
  settle(outcome: { readonly value: Term } | { readonly error: unknown }): void;
}

export interface CallContext {
  /** The other node's name. */
  readonly peer: string;
  readonly identifiers: Identifiers;
  readonly processes: Processes;
  readonly send: Send;
  /** Sends what the other node has made us send: its amount is limited. */
  readonly answer: Send;
  /** Ends the connection, where it cannot be said which call has failed. */
  readonly fail: (error: unknown) => void;
}

const REX = new Atom('rex');
const GEN_CALL = new Atom('$gen_call');
const CALL = new Atom('call');
/** Why there is no process to monitor. */
const NO_PROCESS = ['noproc', 'noconnection'];
const isNoProcess = (reason: Term) => reason instanceof Atom && NO_PROCESS.includes(reason.name);

/** Calls of functions on the other node, by way of its `rex`, as kernel's `rpc` made them before OTP 23. */
export class RemoteCalls {
  readonly #context: CallContext;
  /** The process that all calls come from. */
  readonly #caller: Pid;
  /** The group leader of calls whose output nobody wants. */
  readonly #silent: GroupLeader;
  readonly #pending = new Map<string, PendingCall>();
  readonly #leaders = new Map<string, GroupLeader>();
  #rexMonitor: Reference | undefined;
  /** Since it is monitored. */
  #rexHasAnswered = false;

  constructor(context: CallContext) {
    this.#context = context;
    this.#caller = context.processes.start({
      onMessage: (message) => this.#onMessage(message),
      onBroken: (broken) => this.#onBroken(broken),
      onDown: (reference, reason) => this.#onDown(reference, reason),
    });
    this.#silent = this.#startLeader({}, context.fail);
  }

  /** @param send for what the other node has made us call, another way of sending it */
  call({ module, name, args }: Apply, options: CallOptions, send: Send = this.#context.send): Promise<Term> {
    const { promise, resolve, reject } = withResolvers<Term>();
    const reference = this.#context.identifiers.reference();
    const key = referenceKey(reference);
    const wantsLeader = options.onOutput !== undefined || options.input !== undefined;
    const leader = wantsLeader ? this.#startLeader(options, (error) => pending.settle({ error })) : undefined;
    const stopWaiting = this.#wait(key, options);
    const pending: PendingCall = {
      what: `${module.name}:${name.name}/${args.length}`,
      leader,
      settle: (outcome) => {
        if (!this.#pending.delete(key)) return;
        stopWaiting();
        if (leader) this.#endLeader(leader);
        if ('value' in outcome) resolve(outcome.value);
        else reject(outcome.error);
      },
    };
    this.#pending.set(key, pending);
    try {
      if (options.signal?.aborted) throw aborted(options.signal);
      this.#send(send, reference, [CALL, module, name, args, (leader ?? this.#silent).pid]);
    } catch (error) {
      pending.settle({ error });
    }
    return promise;
  }

  /** The group leader that has this pid. */
  leader(pid: Pid): GroupLeader | undefined {
    return this.#leaders.get(pidKey(pid));
  }

  /** Ends all calls that have no answer. */
  failAll(error: ErlangError): void {
    for (const pending of [...this.#pending.values()]) pending.settle({ error });
  }

  #send(send: Send, reference: Reference, request: readonly Term[]): void {
    if (!this.#rexMonitor) {
      this.#rexMonitor = this.#context.identifiers.reference();
      this.#rexHasAnswered = false;
      send({ type: 'monitor', from: this.#caller, to: REX, ref: this.#rexMonitor });
    }
    const from = new Tuple([this.#caller, reference]);
    const message = new Tuple([GEN_CALL, from, new Tuple(request)]);
    send({ type: 'reg_send', from: this.#caller, name: REX }, message);
  }

  /** @returns what to do when the waiting is over */
  #wait(key: string, { deadline, signal }: LimitOptions): () => void {
    if (!deadline && !signal) return () => undefined;
    const give = (error: ErlangError) => this.#pending.get(key)?.settle({ error });
    const timer = deadline ? setTimeout(() => give(this.#late(deadline)), timerDelay(deadline)) : undefined;
    const forget = signal && whenAborted(signal, () => give(aborted(signal)));
    return () => {
      forget?.();
      clearTimeout(timer);
    };
  }

  #late(deadline: number): ErlangError {
    return new ErlangError('deadline', `no answer from ${this.#context.peer} within ${deadline / 1000} s`);
  }

  #onMessage(message: Term): void {
    if (!(message instanceof Tuple)) return;
    const [reference, reply] = message.elements;
    if (!(reference instanceof Reference) || reply === undefined) return;
    this.#rexHasAnswered = true;
    // An answer to a call that was given up has no one to go to.
    const pending = this.#pending.get(referenceKey(reference));
    if (pending) this.#afterOutput(pending, () => this.#conclude(pending, reply));
  }

  #onBroken({ error, beginning: [reference] }: BrokenTerm): void {
    // Some call would wait for ever.
    if (!(reference instanceof Reference)) throw error;
    this.#rexHasAnswered = true;
    const pending = this.#pending.get(referenceKey(reference));
    if (!pending) return;
    const message = `the answer of ${pending.what} cannot be read: ${error.message}`;
    const unreadable = new ErlangError('bad_term', message, { cause: error });
    this.#afterOutput(pending, () => pending.settle({ error: unreadable }));
  }

  /** What was written before the answer comes before it here, too. */
  #afterOutput(pending: PendingCall, conclude: () => void): void {
    if (pending.leader) void pending.leader.finish().then(conclude, (error) => pending.settle({ error }));
    else conclude();
  }

  #conclude(pending: PendingCall, reply: Term): void {
    const error = errorIn(reply, pending.what, this.#context.peer);
    pending.settle(error ? { error } : { value: reply });
  }

  #onDown(reference: Reference, reason: Term): void {
    if (!this.#rexMonitor || referenceKey(reference) !== referenceKey(this.#rexMonitor)) return;
    this.#rexMonitor = undefined;
    this.failAll(this.#rexError(reason));
  }

  /** A server that was not there has begun nothing; what another one has begun may be going on without it. */
  #rexError(term: Term): ErlangError {
    const rex = `the rpc server of ${this.#context.peer} (rex)`;
    const why = describeReason(term);
    if (!this.#rexHasAnswered && isNoProcess(term))
      return new ErlangError('badrpc', `${rex} does not run: ${why}`, { term });
    return new ErlangError('connection_lost', `${rex} went down: ${why}`, { term });
  }

  #startLeader(options: CallOptions, onFailure: (error: unknown) => void): GroupLeader {
    const { processes, answer } = this.#context;
    const leader = new GroupLeader({
      processes,
      onOutput: options.onOutput,
      input: options.input,
      apply: (apply, signal) => this.call(apply, { signal }, answer),
      reply: (to, message) => answer({ type: 'send', to }, message),
      onFailure,
    });
    this.#leaders.set(pidKey(leader.pid), leader);
    return leader;
  }

  #endLeader(leader: GroupLeader): void {
    leader.end();
    this.#leaders.delete(pidKey(leader.pid));
  }
}
