import type { Listener } from '../../admin/rpc.js';
import type { FailureKind } from '../../failure.js';
import type { Stock } from './load.js';

/**
 * Where the turn of a node stands.
 * - `gate`: the cluster has to be healthy before anything is done to the node.
 * - `suspend`, `drain`: its MQTT listeners stop accepting, and its sessions may go. All of that can be undone.
 * - `run`: the command runs, or nobody knows how it ended.
 * - `back`: the node has to be there again. `serve`: its listeners are told to, where it was not restarted.
 * - `recover`: the clients have to be there again.
 * - `undo`: its listeners are told to accept again, because the roll stops before the node was touched.
 */
export type RollPhase = 'gate' | 'suspend' | 'drain' | 'run' | 'back' | 'serve' | 'recover' | 'undo' | 'done';

/** A listener, by what names it. */
export type ListenerName = Pick<Listener, 'type' | 'address' | 'port'>;

/** Why a roll stops. */
export interface Reason {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface NodeResult {
  readonly node: string;
  /** Milliseconds of its turn. */
  readonly took: number;
  /** Sessions that it still had when the command was run. */
  readonly sessionsLeft: number;
  /** False where the command left it running: its listeners were told to accept again. */
  readonly restarted: boolean;
}

/** All that a roll knows, as it is kept on disk. */
export interface RollState {
  /** In their order. */
  readonly nodes: readonly string[];
  /** Node → its URL, also of members that are not rolled: any of them can be asked. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Sessions of the whole cluster before the first node's turn. */
  readonly sessions: number;
  readonly results: readonly NodeResult[];
  readonly phase: RollPhase;
  /** When the phase began, and the node's turn. Milliseconds since the epoch. */
  readonly since: number;
  readonly turnSince: number;
  /** The current node's MQTT listeners that accepted clients when its turn began. */
  readonly suspended: readonly ListenerName[];
  /** Sessions that the current node still had when its command was run. */
  readonly sessionsLeft: number;
  /** Whether an earlier run may have begun the command for the current node. */
  readonly mayHaveRun: boolean;
  /** False once the current node was seen to have run on through its command. */
  readonly restarted: boolean;
  /** What waited in each node's queues when the turn of the current node began. */
  readonly stocks: Readonly<Record<string, Stock>>;
  /** Since when the cluster has been in trouble; null while it is not. */
  readonly troubleSince: number | null;
  /** Set while what has been done to the current node is undone. */
  readonly stopping: Reason | null;
}

/** The node whose turn it is; the last one once all are done. */
export const currentNode = ({ nodes, results }: RollState): string =>
  nodes[Math.min(results.length, nodes.length - 1)] ?? '';

export const enter = (state: RollState, phase: RollPhase, now: number): RollState => ({
  ...state,
  phase,
  since: now,
  troubleSince: null,
});

export type RollPlan = Pick<RollState, 'nodes' | 'addresses' | 'sessions'>;

export const beginRoll = (plan: RollPlan, now: number): RollState => ({
  nodes: plan.nodes,
  addresses: plan.addresses,
  sessions: plan.sessions,
  results: [],
  phase: 'gate',
  since: now,
  turnSince: now,
  suspended: [],
  sessionsLeft: 0,
  mayHaveRun: false,
  restarted: true,
  stocks: {},
  troubleSince: null,
  stopping: null,
});
