import { SPAWN_MONITORED, type SpawnRequest } from '../control/control.js';
import type { GroupLeader } from '../io/group-leader.js';
import type { Identifiers } from '../process/identifiers.js';
import type { Processes, Send } from '../process/processes.js';
import { isAtom } from '../term/construct.js';
import type { BrokenTerm } from '../term/decode.js';
import { Atom, Pid, type Term, Tuple } from '../term/types.js';

export interface ServedContext {
  readonly identifiers: Identifiers;
  readonly processes: Processes;
  readonly send: Send;
  /** The group leader that has this pid, if it is one of ours. */
  readonly leader: (pid: Pid) => GroupLeader | undefined;
}

const UNDEFINED = new Atom('undefined');
const NOTSUP = new Atom('notsup');
const YES = new Atom('yes');
const REFUSED = new Tuple([new Atom('badrpc'), NOTSUP]);

/**
 * What the other node may ask of ours, and nothing else is ever done: who is the `standard_error` of the
 * group leader it writes to (clique prints errors there), by `rex` up to OTP 22 and by a spawn of
 * `erpc:execute_call/4` since; whether we may be talked to (`net_adm:ping/1`); and what our `rex` can do.
 */
export class ServedRequests {
  readonly #context: ServedContext;

  constructor(context: ServedContext) {
    this.#context = context;
    this.#start('rex', (message) => this.#onRex(message));
    this.#start('net_kernel', (message) => this.#onNetKernel(message));
  }

  /** Answers a request to start a process here. */
  onSpawn(request: SpawnRequest, args: Term | undefined): void {
    const { id, from, groupLeader } = request;
    const call = executeCall(request, args);
    const isServed = call !== undefined && isWhereis(call.module, call.name);
    if (!call || !isServed || !isMonitored(request.options)) {
      this.#context.send({ type: 'spawn_reply', id, to: from, flags: 0, result: NOTSUP });
      return;
    }
    const pid = this.#context.identifiers.pid();
    const result = this.#whereis(call.args, groupLeader);
    const reason = new Tuple([call.result, new Atom('return'), result]);
    this.#context.send({ type: 'spawn_reply', id, to: from, flags: SPAWN_MONITORED, result: pid });
    this.#context.send({ type: 'monitor_exit', from: pid, to: from, ref: id, reason });
  }

  /** Whoever asks in words that cannot be read has an answer as well. */
  #start(name: string, onMessage: (message: Term) => void): void {
    const onBroken = ({ beginning }: BrokenTerm) => onMessage(new Tuple(beginning));
    this.#context.processes.start({ onMessage, onBroken }, name);
  }

  #onRex(message: Term): void {
    const [tag, from, request] = elementsOf(message);
    if (tag instanceof Pid && isAtom(from, 'features_request')) {
      const reply = new Tuple([new Atom('features_reply'), this.#context.identifiers.node, []]);
      this.#context.send({ type: 'send', to: tag }, reply);
    } else if (isAtom(tag, '$gen_call')) {
      this.#reply(from, this.#rexReply(elementsOf(request)));
    } else if (tag instanceof Pid && isAtom(elementsOf(from)[0], 'call')) {
      const reply = new Tuple([new Atom('rex'), this.#rexReply(elementsOf(from))]);
      this.#context.send({ type: 'send', to: tag }, reply);
    }
  }

  #rexReply([tag, module, name, args, groupLeader]: readonly Term[]): Term {
    const isCall = isAtom(tag, 'call') && isWhereis(module, name) && groupLeader instanceof Pid;
    return isCall && Array.isArray(args) ? this.#whereis(args, groupLeader) : REFUSED;
  }

  #onNetKernel(message: Term): void {
    const [tag, from, request] = elementsOf(message);
    if (!isAtom(tag, '$gen_call')) return;
    const isAuthorised = isAtom(elementsOf(request)[0], 'is_auth');
    this.#reply(from, isAuthorised ? YES : new Tuple([new Atom('error'), NOTSUP]));
  }

  #whereis([name]: readonly Term[], groupLeader: Pid): Term {
    if (!isAtom(name, 'standard_error')) return UNDEFINED;
    return this.#context.leader(groupLeader)?.stderr() ?? UNDEFINED;
  }

  /** @param from `{Pid, Tag}` */
  #reply(from: Term | undefined, reply: Term): void {
    const [to, tag] = elementsOf(from);
    if (to instanceof Pid && tag !== undefined)
      this.#context.send({ type: 'send', to }, new Tuple([tag, reply]));
  }
}

interface ExecuteCall {
  /** What the result is to be marked with. */
  readonly result: Term;
  readonly module: Term;
  readonly name: Term;
  readonly args: readonly Term[];
}

/** The call in a spawn of `erpc:execute_call(Result, Module, Function, Args)`. */
function executeCall({ entry }: SpawnRequest, spawnArgs: Term | undefined): ExecuteCall | undefined {
  const [module, name] = entry.elements;
  if (!isAtom(module, 'erpc') || !isAtom(name, 'execute_call') || !Array.isArray(spawnArgs)) return undefined;
  const [result, calledModule, calledName, args] = spawnArgs;
  if (result === undefined || calledModule === undefined || calledName === undefined) return undefined;
  return Array.isArray(args) ? { result, module: calledModule, name: calledName, args } : undefined;
}

const isMonitored = (options: Term) =>
  Array.isArray(options) &&
  options.some((option) => isAtom(option, 'monitor') || isAtom(elementsOf(option)[0], 'monitor'));

const isWhereis = (module: Term | undefined, name: Term | undefined) =>
  isAtom(module, 'erlang') && isAtom(name, 'whereis');

const elementsOf = (term: Term | undefined): readonly Term[] => (term instanceof Tuple ? term.elements : []);
