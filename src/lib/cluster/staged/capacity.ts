import type { LeavePlan } from '../leave/preflight.js';
import { type Queue, queuesOn, totalsOf } from '../queues.js';
import { refuse } from '../refuse.js';
import { type Member, servingListeners } from '../view.js';
import type { StagedOptions } from './state.js';

/** What a member that stays has, and what it will have about, if all is spread evenly. */
export interface Load {
  readonly node: string;
  /** Whether clients can connect to it. */
  readonly serves: boolean;
  readonly sessions: { readonly before: number; readonly after: number };
  /** Persistent queues, and the messages that wait in them. */
  readonly queues: { readonly before: number; readonly after: number };
  readonly messages: { readonly before: number; readonly after: number };
}

/** The load of the members that stay, before and after. */
export function loadsOf({ target, survivors }: LeavePlan, queues: readonly Queue[]): Load[] {
  const persistent = queues.filter(({ clean }) => !clean);
  const moving = totalsOf(queuesOn(persistent, target.name));
  const leaving = target.own?.counters?.online ?? 0;
  const serving = survivors.filter(serves).length;
  const share = (now: number, more: number, among: number) => ({
    before: now,
    after: now + Math.ceil(more / among),
  });
  return survivors.map((survivor) => {
    const held = totalsOf(queuesOn(persistent, survivor.name));
    const sessions = survivor.own?.counters?.online ?? 0;
    return {
      node: survivor.name,
      serves: serves(survivor),
      sessions: serves(survivor) ? share(sessions, leaving, serving) : { before: sessions, after: sessions },
      // The broker moves them to members at random, whether these accept clients or not.
      queues: share(held.queues, moving.queues, survivors.length),
      messages: share(held.messages, moving.messages, survivors.length),
    };
  });
}

/** One of which nothing but its membership is known may well serve. */
const serves = ({ own }: Member): boolean => own?.counters == null || servingListeners(own).length > 0;

/**
 * Refuses what could only end half-way: with clients that have nowhere to go.
 *
 * @throws Failure (safety)
 */
export function refuseOverload(
  loads: readonly Load[],
  sessions: number,
  { survivorSessions }: StagedOptions,
): void {
  const serving = loads.filter((load) => load.serves);
  if (serving.length === 0)
    throw refuse(
      'nobody_serves',
      `none of ${loads.map(({ node }) => node).join(', ')} accepts clients: its clients would have nowhere to go`,
      'Start their MQTT listeners first.',
    );
  if (survivorSessions === undefined) return;
  const room = serving.reduce(
    (sum, { sessions: { before } }) => sum + Math.max(0, survivorSessions - before),
    0,
  );
  if (room < sessions)
    throw refuse(
      'no_room',
      `the members that stay have room for ${room} of its ${sessions} sessions, with ${survivorSessions} each at most`,
      'Raise --survivor-sessions, or add a member first.',
    );
}

/** Somebody may be taking them out too, or working on them. */
export const loadWarnings = (loads: readonly Load[]): string[] =>
  loads
    .filter((load) => !load.serves)
    .map(
      ({ node }) =>
        `${node} accepts no clients, and yet queues will go to it: is somebody working on it, or taking it out?`,
    );
