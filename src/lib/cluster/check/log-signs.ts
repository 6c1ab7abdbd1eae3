/** Why a node could not connect to the clustering listener of another one. */
export type DialFailure = 'refused' | 'silent' | 'other';

/** What a node's log says of its links with the others, over the time that was read. */
export interface LogSigns {
  /** Other node → how often it could not be connected to, and why the last time. */
  readonly failed: ReadonlyMap<string, { readonly why: DialFailure; readonly times: number }>;
  /** Other node → how often it closed the connection for messages. */
  readonly closed: ReadonlyMap<string, number>;
  /** How often this node refused the connection of one that it does not list. */
  readonly turnedAway: number;
  /** The nodes to which it sent a join. */
  readonly joins: readonly string[];
  /** Other node → what the log said of it last. */
  readonly last: ReadonlyMap<string, 'UP' | 'DOWN'>;
}

export interface LogLine {
  readonly text: string;
  /** How often it stands there. */
  readonly times: number;
}

const FAILED = /can't connect to cluster node '?([^' ]+)'? due to (.+)$/;
const NOT_SENT = /can't send \d+ bytes to '?([^' ]+)'? due to timeout/;
const CONNECTED = /successfully connected to cluster node '?([^' ]+?)'?$/;
const CLOSED = /connection to node '?([^' ]+)'? has been closed/;
const TURNED_AWAY = /terminate due to remote_node_not_available/;
const JOIN = /Sent join request to: '?([^' ]+?)'?$/;
const STATE = /cluster node '?([^' ]+)'? (UP|DOWN)$/;

const REASONS: readonly (readonly [RegExp, DialFailure])[] = [
  [/^(econnrefused|econnreset)$/, 'refused'],
  [/^(timeout|etimedout|ehostunreach|enetunreach)$/, 'silent'],
];

/** Reads the lines of one node's console.log, in their order. What it does not know it passes over. */
export function readLogSigns(lines: readonly LogLine[]): LogSigns {
  const failed = new Map<string, { why: DialFailure; times: number }>();
  const closed = new Map<string, number>();
  const last = new Map<string, 'UP' | 'DOWN'>();
  const joins: string[] = [];
  let turnedAway = 0;
  const fail = (node: string, why: DialFailure, times: number) =>
    failed.set(node, { why, times: times + (failed.get(node)?.times ?? 0) });
  for (const { text, times } of lines) {
    const [, target, reason] = FAILED.exec(text) ?? [];
    // A node that is just starting says that it is not ready: that is no failure of the network.
    if (target && reason && !reason.includes('not_ready')) fail(target, whyOf(reason), times);
    const [, blocked] = NOT_SENT.exec(text) ?? [];
    if (blocked) fail(blocked, 'silent', times);
    // What went wrong before is over.
    const [, connected] = CONNECTED.exec(text) ?? [];
    if (connected) failed.delete(connected);
    const [, other] = CLOSED.exec(text) ?? [];
    if (other) closed.set(other, times + (closed.get(other) ?? 0));
    if (TURNED_AWAY.test(text)) turnedAway += times;
    const [, discovery] = JOIN.exec(text) ?? [];
    if (discovery) joins.push(discovery);
    const [, node, state] = STATE.exec(text) ?? [];
    if (node && (state === 'UP' || state === 'DOWN')) last.set(node, state);
  }
  return { failed, closed, turnedAway, joins, last };
}

const whyOf = (reason: string): DialFailure =>
  REASONS.find(([pattern]) => pattern.test(reason.trim()))?.[1] ?? 'other';
