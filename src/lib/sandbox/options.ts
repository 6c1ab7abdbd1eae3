import type { Clock } from '../clock.js';
import type { RecordSource } from './records.js';

/** How fast the simulated brokers are. Milliseconds, unless said otherwise. */
export interface Timings {
  /** After a join, until the other members list the new one. */
  readonly gossip: number;
  /** After a join, until the joining node lists the others. */
  readonly joinerSees: number;
  /** How many offline queues a leaving node migrates in a second. */
  readonly queuesPerSecond: number;
  /** How many logins a node takes in a second. */
  readonly loginsPerSecond: number;
  /**
   * How many queues are on their way at once. When the leaving node dies, they belong to their targets already, and
   * what they hold is lost. The broker has 1000; with 1 each queue is either here or there.
   */
  readonly drainsAtOnce: number;
  /** After a queue has been copied, until the leaving node no longer counts it. */
  readonly teardownLag: number;
  /** After a leave has answered, until the first of the others no longer lists the node that left, then the next. */
  readonly leaveGossip: number;
  /** After a leave has answered, until the node that left stops. */
  readonly stopAfterLeave: number;
  /** What the removal of a dead node takes. */
  readonly deadLeave: number;
  /** Until a request without an answer has its socket closed. */
  readonly idleTimeout: number;
  /** Until the others notice that a node is frozen. */
  readonly netTick: number;
}

export const DEFAULT_TIMINGS: Timings = {
  gossip: 1500,
  joinerSees: 0,
  queuesPerSecond: 200,
  drainsAtOnce: 1,
  loginsPerSecond: Number.POSITIVE_INFINITY,
  teardownLag: 300,
  leaveGossip: 300,
  stopAfterLeave: 1500,
  deadLeave: 500,
  idleTimeout: 60_000,
  netTick: 80_000,
};

/** `noauth`: the management API asks for no key. `apikey`: it does, and the key makes every node non-empty. */
export type ApiMode = 'noauth' | 'apikey';

export interface SandboxOptions {
  readonly nodes: number;
  /** All nodes in one cluster, or each alone. */
  readonly joined: boolean;
  readonly apiMode: ApiMode;
  /** The first key of scope `mgmt`; needed in mode `apikey`. */
  readonly apiKey?: string | undefined;
  /** What the nodes know each other by; made up, if not given. */
  readonly cookie?: string | undefined;
  /** Where the user records are. Without it anonymous logins are allowed and nothing is denied. */
  readonly redisUrl?: string | undefined;
  readonly redisPassword?: string | undefined;
  readonly redisCaFile?: string | undefined;
  /** Milliseconds per call; 5 s by default. */
  readonly redisDeadline?: number | undefined;
  /** Instead of Redis, for tests. */
  readonly records?: RecordSource | undefined;
  /** Node i listens on basePort + 10·(i−1) for HTTP, one above for MQTT, and two above for the others. Without it, on free ports. */
  readonly basePort?: number | undefined;
  readonly timings?: Partial<Timings> | undefined;
  readonly clock?: Clock | undefined;
}
