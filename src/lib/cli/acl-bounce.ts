import * as Flags from '@oclif/core/flags';
import {
  type BounceContext,
  type Bounced,
  type BounceEvent,
  type BounceReport,
  bounceSessions,
} from '../cluster/bounce/bounce.js';
import { lookAround } from '../cluster/reach.js';
import type { ClusterView } from '../cluster/view.js';
import { parseDuration } from '../duration.js';
import type { Failure } from '../failure.js';
import type { CommandFleet, Narration } from './cluster-command.js';
import { toFailure } from './errors.js';

/** Bringing changed records into force. */
export const bounceFlags = {
  disconnect: Flags.boolean({
    summary: 'Then disconnect the clients that are affected, so that they come back with what is new.',
  }),
  rate: Flags.integer({
    min: 1,
    helpValue: 'N',
    dependsOn: ['disconnect'],
    summary: 'Disconnect no more clients a second; 50 by default.',
  }),
  wait: Flags.string({
    helpValue: 'DURATION',
    dependsOn: ['disconnect'],
    summary: 'How long clients may take to come back; 30s by default.',
  }),
};

export interface BounceFlags {
  readonly disconnect: boolean;
  readonly rate?: number | undefined;
  readonly wait?: string | undefined;
}

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
  /** Nodes that did not answer: of their clients nothing is known. */
  readonly unseen: readonly string[];
}

/** The records are written: whatever fails from here on is part of what is told. */
export async function bounce(
  { fleet, view, rate, wait }: ReadyBrokers,
  { store, changed, signal }: Pick<BounceContext, 'store' | 'changed' | 'signal'>,
  follow: (events: AsyncGenerator<BounceEvent, Bounced>) => Promise<Bounced>,
): Promise<BounceOutcome> {
  const unseen = view.members.filter(({ running }) => running !== 'yes').map(({ name }) => name);
  try {
    const events = bounceSessions({ fleet, view, store, changed, rate, wait, signal });
    return { ...(await follow(events)), unseen };
  } catch (thrown) {
    const failure = toFailure(thrown);
    if (failure.kind === 'bug') throw thrown;
    return { report: null, failure, unseen };
  }
}

export function narrateBounce(event: BounceEvent): Narration {
  if (event.type === 'waiting') {
    const text = `waiting for ${event.missing} clients to come back`;
    return { progress: { live: text, steady: 'waiting for clients to come back' } };
  }
  const { done, total } = event;
  return { progress: { live: `${done} of ${total} clients disconnected`, steady: 'disconnecting clients' } };
}
