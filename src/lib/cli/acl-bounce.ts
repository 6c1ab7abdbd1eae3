import { keysOf } from '../cluster/bounce/affected.js';
import {
  type BounceContext,
  type Bounced,
  type BounceEvent,
  type BounceReport,
  bounceSessions,
} from '../cluster/bounce/bounce.js';
import type { Unfinished } from '../cluster/bounce/unfinished.js';
import { lookAround } from '../cluster/reach.js';
import type { ClusterView } from '../cluster/view.js';
import { parseDuration } from '../duration.js';
import type { Failure } from '../failure.js';
import type { BounceFlags } from './acl-bounce-flags.js';
import { toFailure } from './errors.js';
import type { CommandFleet, Narration } from './fleet.js';

const RATE = 50;
const WAIT = '30s';

/** The brokers of a bounce, which have answered. */
export interface ReadyBrokers {
  readonly fleet: CommandFleet;
  readonly view: ClusterView;
  readonly rate: number;
  readonly wait: number;
}

/**
 * Reaches the brokers, so that nothing is written where they cannot be reached.
 *
 * @throws Failure: configuration where none are named, usage, unreachable, credentials
 */
export async function readyBrokers(
  { rate = RATE, wait = WAIT }: BounceFlags,
  openFleet: () => Promise<CommandFleet>,
  signal: AbortSignal,
): Promise<ReadyBrokers> {
  const within = parseDuration(wait, '--wait');
  const fleet = await openFleet();
  return { fleet, view: await lookAround(fleet, signal), rate, wait: within };
}

/** What became of the sessions; a failure, where it ended early. */
export interface BounceOutcome {
  /** Null where it ended before the first was disconnected. */
  readonly report: BounceReport | null;
  readonly failure: Failure | null;
  /** Why it could not be noted what became of them. */
  readonly noteFailure: Failure | null;
  /** Nodes that did not answer: of their clients nothing is known. */
  readonly unseen: readonly string[];
  /** Records of commands that were cut short, whose clients were seen to as well. */
  readonly resumed: number;
}

export interface Bouncing extends Pick<BounceContext, 'store' | 'changed' | 'signal'> {
  readonly unfinished: Unfinished;
}

/** The records are written: whatever fails from here on is part of what is told. */
export async function bounce(
  { fleet, view, rate, wait }: ReadyBrokers,
  { store, changed, unfinished, signal }: Bouncing,
  follow: (events: AsyncGenerator<BounceEvent, Bounced>) => Promise<Bounced>,
): Promise<BounceOutcome> {
  const unseen = view.members.filter(({ running }) => running !== 'yes').map(({ name }) => name);
  const known = { unseen, resumed: unfinished.earlier.size };
  const all = new Set([...changed, ...unfinished.earlier]);
  const bouncing = follow(bounceSessions({ fleet, view, store, changed: all, rate, wait, signal }));
  const { report, failure } = await bouncing.catch((thrown) => ({ report: null, failure: expected(thrown) }));
  // What failed is tried again by the same command, and nobody else is disconnected by it.
  const left = report && !failure ? new Set(report.failed.flatMap(keysOf)) : undefined;
  const noteFailure = left ? await unfinished.end(left).then(() => null, expected) : null;
  return { report, failure, noteFailure, ...known };
}

/** @throws what is no failure that can be told as part of a report */
function expected(thrown: unknown): Failure {
  const failure = toFailure(thrown);
  if (failure.kind === 'bug') throw thrown;
  return failure;
}

export function narrateBounce(event: BounceEvent): Narration {
  if (event.type === 'waiting') {
    const text = `waiting for ${event.missing} clients to come back`;
    return { progress: { live: text, steady: 'waiting for clients to come back' } };
  }
  const { done, total } = event;
  return { progress: { live: `${done} of ${total} clients disconnected`, steady: 'disconnecting clients' } };
}
