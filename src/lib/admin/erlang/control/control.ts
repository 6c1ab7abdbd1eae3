import type { Atom, Pid, Reference, Term, Tuple } from '../term/types.js';

/**
 * The control messages, one for each signal between processes.
 * Source: "Distribution Protocol", Protocol between Connected Nodes.
 *
 * `token` is that of sequential tracing, where the message has one. Where `payload` is true (and in all sends and spawn
 * requests), a second term follows: the message, the arguments or the reason.
 */
export type Control =
  | { readonly type: 'link'; readonly from: Pid; readonly to: Pid }
  | { readonly type: 'unlink'; readonly from: Pid; readonly to: Pid }
  | { readonly type: 'unlink_id' | 'unlink_id_ack'; readonly id: Term; readonly from: Pid; readonly to: Pid }
  | { readonly type: 'send'; readonly to: Pid; readonly unused?: Term; readonly token?: Term }
  | { readonly type: 'send_sender'; readonly from: Pid; readonly to: Pid; readonly token?: Term }
  | RegisteredSend
  | { readonly type: 'alias_send'; readonly from: Pid; readonly alias: Reference; readonly token?: Term }
  | { readonly type: 'group_leader'; readonly from: Pid; readonly to: Pid }
  | Exit
  | {
      readonly type: 'monitor' | 'demonitor';
      readonly from: Pid;
      readonly to: Process;
      readonly ref: Reference;
    }
  | MonitorExit
  | SpawnRequest
  | SpawnReply;

/** A pid, or the name that a process is registered with. */
export type Process = Pid | Atom;

export interface RegisteredSend {
  readonly type: 'reg_send';
  readonly from: Pid;
  readonly name: Atom;
  readonly unused?: Term;
  readonly token?: Term;
}

/** `exit` comes over a link, `exit2` is `exit(Pid, Reason)`. */
export interface Exit {
  readonly type: 'exit' | 'exit2';
  readonly from: Pid;
  readonly to: Pid;
  /** undefined where the reason follows as payload */
  readonly reason: Term | undefined;
  readonly token?: Term;
}

export interface MonitorExit {
  readonly type: 'monitor_exit';
  readonly from: Process;
  readonly to: Pid;
  readonly ref: Reference;
  /** undefined where the reason follows as payload */
  readonly reason: Term | undefined;
}

export interface SpawnRequest {
  readonly type: 'spawn_request';
  readonly id: Reference;
  readonly from: Pid;
  readonly groupLeader: Pid;
  /** `{Module, Function, Arity}`. */
  readonly entry: Tuple;
  readonly options: Term;
  readonly token?: Term;
}

export interface SpawnReply {
  readonly type: 'spawn_reply';
  readonly id: Reference;
  readonly to: Pid;
  readonly flags: Term;
  /** The new process, or the reason why there is none. */
  readonly result: Process;
  readonly token?: Term;
}

/** In `flags` of a spawn reply: the new process is monitored by the one that asked for it. */
export const SPAWN_MONITORED = 2;
