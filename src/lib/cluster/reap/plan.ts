import { didYouMean } from '../../suggest.js';
import { DISAGREEMENTS } from '../leave/preflight.js';
import { findProblems } from '../problems/find.js';
import { refuse } from '../refuse.js';
import { type ClusterView, type Member, memberOf } from '../view.js';
import type { ReapOptions } from './options.js';
import { alive, proofWarnings, type ReapTarget, refuseSignsOfLife, refuseUnproven } from './proof.js';
import type { Signs } from './signs.js';

export interface ReapPlan {
  /** Dead members: their memberships are removed, all of them first. */
  readonly targets: readonly ReapTarget[];
  /** Members no longer: only the repair is left. */
  readonly gone: readonly string[];
  /** Of an earlier run, and members that run again. */
  readonly back: readonly string[];
  /** The members that stay: all of them say so. */
  readonly survivors: readonly string[];
  readonly warnings: readonly string[];
}

export interface ReapWish extends Pick<ReapOptions, 'allowUnprovenDeath' | 'allowUnlistedNode'> {
  /** Those that the operator has named, and those of an earlier run that are not done. */
  readonly nodes: readonly string[];
  /** Of an earlier run, and not done. */
  readonly unfinished: readonly string[];
  /** All that earlier runs were about, in this cluster. */
  readonly earlier: readonly string[];
}

/** The members that nobody sees running and that nobody hears from. */
export const deadMembers = ({ members }: ClusterView): string[] =>
  members.filter(({ running, own }) => running === 'no' && own === null).map(({ name }) => name);

/** Whether a member other than itself lists it. */
export const isListed = (view: ClusterView, node: string): boolean =>
  Object.entries(memberOf(view, node)?.seenBy ?? {}).some(
    ([observer, seen]) => observer !== node && seen !== null,
  );

/**
 * Decides which of these nodes are dead beyond doubt, and whether removing them can be finished. Pure.
 *
 * @throws Failure (safety): refused, nothing was changed
 */
export function planReap(view: ClusterView, signs: Signs, wish: ReapWish): ReapPlan {
  const listed = wish.nodes.filter((node) => isListed(view, node));
  const gone = wish.nodes.filter((node) => !listed.includes(node));
  const back = listed.filter((node) => wish.unfinished.includes(node) && isAlive(memberOf(view, node)));
  const dead = listed.filter((node) => !back.includes(node));
  refuseUnknown(view, gone, wish);
  refuseLiving(view, dead);
  const survivors = view.members.filter(({ name, running }) => running !== 'no' && !gone.includes(name));
  refuseUnknownViews(survivors);
  refuseDisagreement(view, gone);
  refuseOtherDead(view, dead);
  const names = survivors.map(({ name }) => name);
  const targets = dead.map((name) => ({
    name,
    missedBy: names.filter((observer) => memberOf(view, name)?.seenBy[observer] === false),
    signs: signs.get(name) ?? [],
  }));
  refuseSignsOfLife(targets, wish);
  refuseUnproven(targets, names, wish);
  return { targets, gone, back, survivors: names, warnings: proofWarnings(targets, names) };
}

const isAlive = (member: Member | undefined) => member !== undefined && member.own !== null;

function refuseUnknown(view: ClusterView, gone: readonly string[], wish: ReapWish): void {
  const [unknown] = gone.filter((node) => !wish.earlier.includes(node));
  if (unknown === undefined || wish.allowUnlistedNode) return;
  const names = view.members.map(({ name }) => name);
  throw refuse(
    'unknown_node',
    `${unknown} is not a member of this cluster${didYouMean(unknown, names)}`,
    `The members are: ${names.join(', ')}. If it was removed before and its queues were not repaired, add --allow-unlisted-node; the broker would say Done to a misspelt name too.`,
  );
}

function refuseLiving(view: ClusterView, nodes: readonly string[]): void {
  for (const node of nodes) {
    const member = memberOf(view, node);
    const [witness] = Object.entries(member?.seenBy ?? {}).find(([, seen]) => seen === true) ?? [];
    if (member?.own) throw alive(node, 'it answers');
    if (witness !== undefined) throw alive(node, `${witness} sees it running`);
  }
}

/** A member whose own view nobody knows could see one of them alive. */
function refuseUnknownViews(survivors: readonly Member[]): void {
  if (survivors.length === 0)
    throw refuse('no_survivor', 'no member is left that runs', 'Start a node first.');
  const blind = survivors.filter(({ own }) => own === null).map(({ name }) => name);
  if (blind.length === 0) return;
  throw refuse(
    'view_unknown',
    `nobody knows whether ${blind.join(', ')} sees them dead too`,
    'Name a --node URL that reaches it, or wait until the others notice that it is gone (about a minute).',
  );
}

/** A node that was removed and came back counts as expelled: that is dealt with where its turn comes. */
function refuseDisagreement(view: ClusterView, gone: readonly string[]): void {
  const problems = findProblems(view).filter(
    ({ code, nodes }) =>
      DISAGREEMENTS.has(code) && !(code === 'expelled_node' && gone.includes(nodes[0] ?? '')),
  );
  const [first] = problems;
  if (!first) return;
  const all = problems.map(({ message }) => message).join('; ');
  throw refuse('views_disagree', `the members do not agree: ${all}`, first.hint);
}

/** The broker repairs nothing while another dead member is listed: its check crashes or never ends. */
function refuseOtherDead(view: ClusterView, nodes: readonly string[]): void {
  const others = deadMembers(view).filter((name) => !nodes.includes(name));
  if (others.length === 0) return;
  throw refuse(
    'other_members_dead',
    `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} dead too: while a dead member is listed the broker repairs nothing`,
    `Start ${others[0]} again, or name all of them, or none, which means all.`,
  );
}

/** @throws Failure (safety) unless the operator has said that the messages may be lost */
export function requireConsent({ targets }: ReapPlan, { allowMessageLoss }: ReapOptions): void {
  if (targets.length === 0 || allowMessageLoss) return;
  const names = targets.map(({ name }) => name).join(', ');
  throw refuse(
    'messages_would_be_lost',
    `${names}: every message that waits there on disk for an offline client will be lost, and nobody can tell how many; the queues are made anew, empty`,
    'Start them again if you can. To lose the messages and remove them, add --allow-message-loss.',
  );
}
