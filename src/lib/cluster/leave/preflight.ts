import { didYouMean } from '../../suggest.js';
import { findProblems } from '../problems/find.js';
import { refuse } from '../refuse.js';
import { type ClusterView, type Member, memberOf, mqttListeners } from '../view.js';

/**
 * What a leave of this node will be.
 * - `suspend`: stage one, its listeners stop accepting.
 * - `migrate`: its sessions are killed and its queues migrate.
 * - `remove`: it is dead; its membership is removed and what its disk holds is lost.
 */
export type LeavePath = 'suspend' | 'migrate' | 'remove';

export interface LeavePlan {
  readonly path: LeavePath;
  readonly target: Member;
  /** The members that stay, run, and can be asked: all of them must agree in the end. */
  readonly survivors: readonly Member[];
  /** Members that stay and cannot be asked, by the operator's consent. */
  readonly blind: readonly string[];
  /** The survivor that the command is sent to: never the leaver, whose answer would race its own shutdown. */
  readonly coordinator: string;
  /** Not alarming enough to refuse. */
  readonly warnings: readonly string[];
}

export interface LeaveWish {
  readonly node: string;
  readonly kill: boolean;
  readonly allowMessageLoss: boolean;
  readonly allowUnreachableNode: boolean;
  /** Addresses that the operator gave: the coordinator is taken from these where possible. */
  readonly seeds: readonly string[];
}

/** Problems that mean that the members do not agree on who is who. */
export const DISAGREEMENTS: ReadonlySet<string> = new Set([
  'separate_clusters',
  'one_sided_membership',
  'not_listing_itself',
  'wiped_node',
  'expelled_node',
  'membership_differs',
  'netsplit',
  'one_sided_view',
  'lost_link',
  'undecided',
  'status_hangs',
]);

/**
 * Decides whether the leave is safe, and what it is. Pure.
 *
 * @throws Failure (safety): refused, nothing was changed
 */
export function planLeave(view: ClusterView, wish: LeaveWish): LeavePlan {
  const target = knownMember(view, wish.node);
  refuseLastNode(view, target);
  refuseDisagreement(view);
  refuseUnknownViews(view, target, wish);
  const path = choosePath(target, wish);
  const others = view.members.filter(({ name, running }) => name !== target.name && running !== 'no');
  const survivors = others.filter(({ own }) => own !== null);
  const blind = others.filter(({ own }) => own === null).map(({ name }) => name);
  if (path === 'migrate') refuseOtherDeadMembers(view, target);
  return {
    path,
    target,
    survivors,
    blind,
    coordinator: chooseCoordinator(survivors, target, wish),
    warnings: [...warningsOf(view, target, path, survivors), ...blind.map(unaskable)],
  };
}

function knownMember(view: ClusterView, node: string): Member {
  const member = memberOf(view, node);
  if (member) return member;
  const names = view.members.map(({ name }) => name);
  throw refuse(
    'unknown_node',
    `${node} is not a member of this cluster${didYouMean(node, names)}`,
    `The members are: ${names.join(', ')}. (The broker itself would say Done.)`,
  );
}

function refuseLastNode(view: ClusterView, target: Member): void {
  const others = view.members.filter(({ name, running }) => name !== target.name && running !== 'no');
  if (others.length > 0) return;
  throw refuse(
    'last_node',
    `${target.name} is the last node: there is no other that could take its queues`,
    'The broker would drop its clients and then fail. To end the cluster, stop the node instead.',
  );
}

function refuseDisagreement(view: ClusterView): void {
  const disagreements = findProblems(view).filter(({ code }) => DISAGREEMENTS.has(code));
  const [first] = disagreements;
  if (!first) return;
  throw refuse(
    'views_disagree',
    `the members do not agree: ${disagreements.map(({ message }) => message).join('; ')}`,
    first.hint,
  );
}

/** A member whose own view nobody knows could be on the other side of a split. */
function refuseUnknownViews(view: ClusterView, target: Member, { allowUnreachableNode }: LeaveWish): void {
  if (target.own === null && target.running !== 'no') {
    throw refuse(
      'target_unreachable',
      `${target.name} is shown as running but gives no view of its own: frozen, or cut off from the node that was asked`,
      'Name its own URL with another --node, or wait until the others notice (about a minute).',
    );
  }
  const blind = view.members.filter(
    ({ name, own, running }) => name !== target.name && own === null && running !== 'no',
  );
  if (blind.length === 0 || allowUnreachableNode) return;
  throw refuse(
    'view_unknown',
    `the view of ${blind.map(({ name }) => name).join(', ')} is not known`,
    'Name a --node URL that reaches it, or accept the risk with --allow-unreachable-node.',
  );
}

function choosePath(target: Member, { kill, allowMessageLoss }: LeaveWish): LeavePath {
  if (target.running === 'yes' && kill) return 'migrate';
  if (target.running === 'yes' && mqttListeners(target.own).length > 0) return 'suspend';
  if (target.running === 'yes') throw noListener(target.name);
  if (target.own !== null) {
    throw refuse(
      'alive_but_reported_dead',
      `${target.name} answers, though the members report it as not running: taking it out now would expel a living node`,
      'Mend the link between the nodes first; see vmqctl cluster show.',
    );
  }
  if (allowMessageLoss) return 'remove';
  throw refuse(
    'messages_would_be_lost',
    `${target.name} is dead: every message that waits on its disk for an offline client will be lost; only subscriptions are recreated`,
    'Start it again if you can. To lose the messages and remove it, add --allow-message-loss.',
  );
}

/** The broker checks the others before it migrates, and never comes back from that check while one is down. */
function refuseOtherDeadMembers(view: ClusterView, target: Member): void {
  const dead = view.members
    .filter(({ name, running }) => name !== target.name && running === 'no')
    .map(({ name }) => name);
  if (dead.length === 0) return;
  throw refuse(
    'other_members_dead',
    `${dead.join(', ')} ${dead.length === 1 ? 'is' : 'are'} dead: the broker cannot migrate queues while a member is down`,
    `Start ${dead[0]} again, or take it out first: vmqctl cluster leave node=${dead[0]}.`,
  );
}

function chooseCoordinator(survivors: readonly Member[], target: Member, { seeds }: LeaveWish): string {
  const reachable = survivors.filter(({ address }) => address !== null);
  const sameVersion = reachable.filter(({ own }) => own?.version === target.own?.version);
  const candidates = sameVersion.length > 0 ? sameVersion : reachable;
  const given = candidates.find(({ address }) => address !== null && seeds.includes(address));
  const chosen = (given ?? candidates[0])?.address;
  if (chosen) return chosen;
  throw refuse(
    'no_survivor_reachable',
    'no member that stays can be reached from here, and the leaving node itself must not be asked',
    'Name the URL of another member with --node.',
  );
}

function warningsOf(
  view: ClusterView,
  target: Member,
  path: LeavePath,
  survivors: readonly Member[],
): string[] {
  const warnings: string[] = [];
  const versions = new Set(survivors.map(({ own }) => own?.version));
  if (path === 'migrate' && (versions.size > 1 || !versions.has(target.own?.version))) {
    warnings.push('the members run different versions; a leave between versions can fail');
  }
  const alsoDead = view.members.filter(({ name, running }) => running === 'no' && name !== target.name);
  if (path === 'remove' && alsoDead.length > 0) {
    warnings.push(
      `${alsoDead.map(({ name }) => name).join(', ')} dead too: subscriptions are repaired only once all dead members are removed; then repeat this command`,
    );
  }
  return warnings;
}

const noListener = (node: string) =>
  refuse(
    'no_listener',
    `${node} has no MQTT listener to suspend: it never had one, or a leave with -k has removed them`,
    'Go on with -k.',
  );

const unaskable = (name: string) =>
  `${name} cannot be asked whether it agrees: look at it yourself when this is done`;
