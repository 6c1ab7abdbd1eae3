import type { AclStore } from '../../acl/store.js';
import { Failure } from '../../failure.js';
import type { LogNode } from '../../logs/operation.js';
import type { Fleet } from '../observe.js';
import { lookAround } from '../reach.js';
import type { ClusterView } from '../view.js';
import { findCauses } from './causes.js';
import type { Evidence } from './evidence.js';
import { historyOf, type Sighting } from './history.js';
import { type LogOptions, readFindings } from './logs.js';
import { growth, readCounts } from './metrics.js';
import { type Rights, readRights, usersOf } from './rights.js';
import { type ClientName, type Subscription, subscriptionsOf } from './sightings.js';
import { watchClient } from './watch.js';
import type { Cause } from './wording.js';

export interface ExplainContext {
  readonly fleet: Fleet;
  readonly name: ClientName;
  /** By which it logs in, where the operator knows. */
  readonly user: string | undefined;
  readonly asked: Evidence['asked'];
  /** Milliseconds for which it is looked at. */
  readonly duration: number;
  /** Opens the records; undefined where none are given. @throws Failure */
  readonly openStore: (() => Promise<AclStore>) | undefined;
  /** Where logs can be read. */
  readonly logNodes: (view: ClusterView) => readonly LogNode[];
  readonly logs: LogOptions;
  readonly signal: AbortSignal;
}

export interface Explanation {
  readonly evidence: Evidence;
  readonly causes: readonly Cause[];
}

/** How far the looking is. */
export interface Progress {
  readonly looks: number;
  readonly connections: number;
}

/**
 * Looks at one client from all sides, and says what keeps it from being connected.
 *
 * @throws Failure: when no node answers, or none lists sessions; usage when the id means several clients
 */
export async function* explainSession(context: ExplainContext): AsyncGenerator<Progress, Explanation> {
  const { fleet, signal } = context;
  const view = await lookAround(fleet, signal);
  const before = await countsOf(fleet, view, signal);
  const sightings: Sighting[] = [];
  for await (const sighting of watchClient(fleet, view, context.name, context.duration, signal)) {
    sightings.push(sighting);
    refuseSeveral(context.name, sightings);
    const { looks, connections } = historyOf(sightings);
    yield { looks, connections: connections.length };
  }
  const after = await countsOf(fleet, view, signal);
  const evidence = await gather(context, view, sightings, growth(before, after));
  return { evidence, causes: findCauses(evidence) };
}

async function gather(
  context: ExplainContext,
  view: ClusterView,
  sightings: readonly Sighting[],
  grown: Evidence['growth'],
): Promise<Evidence> {
  const { fleet, logs, signal } = context;
  const rows = sightings.flatMap((sighting) => sighting.rows);
  const name = { ...context.name, mountpoint: context.name.mountpoint ?? rows[0]?.mountpoint };
  const gaps: string[] = [];
  const note = (gap: string) => void gaps.push(gap);
  const logNodes = context.logNodes(view);
  noteUnread(view, logNodes, note);
  const [subscriptions, findings] = await Promise.all([
    subscriptionsIn(context, view, rows.length > 0, note),
    readFindings(logNodes, name.clientId, logs, fleet.clock, signal, note),
  ]);
  const said = [...rows.map((row) => row.user), ...findings.map((finding) => finding.user ?? null)];
  const known = context.user ?? said.findLast((user) => user !== null) ?? undefined;
  const { rights, user } = await rightsOf(context, name, known, note);
  return {
    name,
    view,
    sightings,
    history: historyOf(sightings),
    looked: (sightings.at(-1)?.at ?? 0) - (sightings[0]?.at ?? 0),
    subscriptions,
    user,
    rights,
    asked: context.asked,
    growth: grown,
    findings,
    gaps,
  };
}

/** Through one machine several nodes may be reached, which do not all run on it. */
function noteUnread(
  { members }: ClusterView,
  logNodes: readonly LogNode[],
  note: (gap: string) => void,
): void {
  const read = logNodes.map(({ node }) => node);
  const others = members.map(({ name }) => name).filter((name) => !read.includes(name));
  if (read.length > 0 && others.length > 0)
    note(`no log of ${others.join(', ')} was read, unless on the same machine: give the ssh:// node of each`);
}

const countsOf = (fleet: Fleet, { members }: ClusterView, signal: AbortSignal) =>
  Promise.all(
    members.map(({ address }) =>
      address === null ? undefined : readCounts(fleet.rpc(address), { deadline: fleet.deadline, signal }),
    ),
  );

/** The same id in two mountpoints is two clients. */
function refuseSeveral({ clientId, mountpoint }: ClientName, sightings: readonly Sighting[]): void {
  const found = [...new Set(sightings.flatMap(({ rows }) => rows.map((row) => row.mountpoint)))];
  if (mountpoint !== undefined || found.length < 2) return;
  const names = found.map((one) => (one === '' ? 'the default one' : one)).join(', ');
  throw new Failure(
    'usage',
    'several_mountpoints',
    `there is a client ${clientId} in several mountpoints: ${names}`,
    {
      hint: 'Say which with --mountpoint NAME.',
    },
  );
}

/** The record, and by whose name; where the user is not known, the only one that has a record with this client id. */
async function rightsOf(
  { openStore }: ExplainContext,
  { clientId, mountpoint = '' }: ClientName,
  known: string | undefined,
  note: (gap: string) => void,
): Promise<{ readonly rights: Rights | undefined; readonly user: string | undefined }> {
  const none = { rights: undefined, user: known };
  if (!openStore) {
    note('no record was read: give --redis');
    return none;
  }
  try {
    const store = await openStore();
    const users = known === undefined ? await usersOf(store, mountpoint, clientId) : [known];
    const [user] = users;
    if (user !== undefined && users.length === 1)
      return { rights: await readRights(store, { mountpoint, clientId, username: user }), user };
    const which =
      users.length === 0 ? 'none has its client id' : `there is one for each of ${users.join(', ')}`;
    note(`no record was read: it is not known by which user it logs in, and ${which}; give --username`);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    note(`no record was read: ${thrown.message}`);
  }
  return none;
}

async function subscriptionsIn(
  { fleet, name, signal }: ExplainContext,
  { members }: ClusterView,
  isThere: boolean,
  note: (gap: string) => void,
): Promise<readonly Subscription[]> {
  const address = members.find((member) => member.address !== null)?.address;
  if (!isThere || !address) return [];
  try {
    return await subscriptionsOf(fleet.rpc(address), name, { deadline: fleet.deadline, signal });
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    note(`its subscriptions are not known: ${thrown.message}`);
    return [];
  }
}
