import type { Control, Process, SpawnRequest } from '../control/control.js';
import { ErlangError } from '../error.js';
import { BrokenTerm } from '../term/decode.js';
import { Atom, Pid, type Reference, type Term } from '../term/types.js';
import { type Identifiers, pidKey, referenceKey } from './identifiers.js';

/** What a process of ours does with what reaches it. */
export interface Behaviour {
  onMessage(message: Term): void;
  /** A message has come of which only the beginning can be read. */
  onBroken(broken: BrokenTerm): void;
  /** A process that it monitors has ended. */
  onDown?(reference: Reference, reason: Term): void;
}

/** Sends a signal to the other node. */
export type Send = (control: Control, payload?: Term) => void;

interface LocalProcess {
  readonly pid: Pid;
  readonly behaviour: Behaviour;
  /** Those who want to know when it ends: as they named it, by reference. */
  readonly monitors: Map<string, { readonly by: Pid; readonly as: Process; readonly ref: Reference }>;
  readonly links: Map<string, Pid>;
}

const NOPROC = new Atom('noproc');
/** In the place of a reason that cannot be read. */
const UNKNOWN = new Atom('unknown');
/** How many may monitor one process of ours, and how many may be linked to it. */
const MOST_WATCHERS = 10_000;

/**
 * The processes that the other node sees on ours, and the signals between them and it.
 * They can be monitored and linked to as any process can; exit signals do not end them.
 */
export class Processes {
  readonly #identifiers: Identifiers;
  readonly #send: Send;
  readonly #onSpawn: (request: SpawnRequest, args: Term | undefined) => void;
  readonly #processes = new Map<string, LocalProcess>();
  readonly #names = new Map<string, LocalProcess>();

  constructor(
    identifiers: Identifiers,
    send: Send,
    onSpawn: (request: SpawnRequest, args: Term | undefined) => void,
  ) {
    this.#identifiers = identifiers;
    this.#send = send;
    this.#onSpawn = onSpawn;
  }

  /** @param name to register it with */
  start(behaviour: Behaviour, name?: string): Pid {
    const pid = this.#identifiers.pid();
    const process: LocalProcess = { pid, behaviour, monitors: new Map(), links: new Map() };
    this.#processes.set(pidKey(pid), process);
    if (name !== undefined) this.#names.set(name, process);
    return pid;
  }

  /** Ends a process; whoever monitors it or is linked to it is told. */
  end(pid: Pid, reason: Term): void {
    const process = this.#processes.get(pidKey(pid));
    if (!process) return;
    this.#processes.delete(pidKey(pid));
    for (const { by, as, ref } of process.monitors.values())
      this.#send({ type: 'monitor_exit', from: as, to: by, ref, reason });
    for (const to of process.links.values()) this.#send({ type: 'exit', from: pid, to, reason });
  }

  /**
   * Does what a signal of the other node asks for.
   *
   * @throws ErlangError `bad_frame` where more want to know of a process's end than are accepted
   */
  handle(signal: Control, payload: Term | BrokenTerm | undefined): void {
    switch (signal.type) {
      case 'send':
      case 'send_sender':
        this.#deliver(signal.to, payload);
        return;
      case 'reg_send':
        this.#deliver(signal.name, payload);
        return;
      case 'monitor':
        this.#monitor(signal.from, signal.to, signal.ref);
        return;
      case 'demonitor':
        this.#find(signal.to)?.monitors.delete(referenceKey(signal.ref));
        return;
      case 'monitor_exit':
        this.#find(signal.to)?.behaviour.onDown?.(signal.ref, signal.reason ?? readable(payload) ?? UNKNOWN);
        return;
      case 'link':
        this.#link(signal.from, signal.to);
        return;
      case 'exit':
      case 'unlink':
        this.#find(signal.to)?.links.delete(pidKey(signal.from));
        return;
      case 'unlink_id':
        this.#find(signal.to)?.links.delete(pidKey(signal.from));
        this.#send({ type: 'unlink_id_ack', id: signal.id, from: signal.to, to: signal.from });
        return;
      case 'spawn_request':
        this.#onSpawn(signal, readable(payload));
        return;
      case 'alias_send':
      case 'exit2':
      case 'group_leader':
      case 'spawn_reply':
      case 'unlink_id_ack':
        // We have no aliases, ask for no spawns and undo no links, and only their owner ends our processes.
        return;
    }
  }

  #find(process: Process): LocalProcess | undefined {
    return process instanceof Pid ? this.#processes.get(pidKey(process)) : this.#names.get(process.name);
  }

  #deliver(to: Process, message: Term | BrokenTerm | undefined): void {
    const behaviour = this.#find(to)?.behaviour;
    if (message instanceof BrokenTerm) behaviour?.onBroken(message);
    else if (message !== undefined) behaviour?.onMessage(message);
  }

  #monitor(by: Pid, as: Process, ref: Reference): void {
    const process = this.#find(as);
    if (process) addWatcher(process.monitors, referenceKey(ref), { by, as, ref });
    else this.#send({ type: 'monitor_exit', from: as, to: by, ref, reason: NOPROC });
  }

  #link(from: Pid, to: Pid): void {
    const process = this.#find(to);
    if (process) addWatcher(process.links, pidKey(from), from);
    else this.#send({ type: 'exit', from: to, to: from, reason: NOPROC });
  }
}

const readable = (payload: Term | BrokenTerm | undefined): Term | undefined =>
  payload instanceof BrokenTerm ? undefined : payload;

function addWatcher<Watcher>(watchers: Map<string, Watcher>, key: string, watcher: Watcher): void {
  if (watchers.size >= MOST_WATCHERS)
    throw new ErlangError('bad_frame', `more than ${MOST_WATCHERS} monitors or links of one process`);
  watchers.set(key, watcher);
}
