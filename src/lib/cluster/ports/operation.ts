import { EPMD_PORT } from '../../admin/erlang/epmd.js';
import { Failure } from '../../failure.js';
import type { SshHost } from '../../ssh/host.js';
import { hostUrlFor } from '../host-urls.js';
import type { Fleet } from '../observe.js';
import type { Problem } from '../problems/problem.js';
import { lookAround } from '../reach.js';
import type { ClusterView, Member } from '../view.js';
import type { Attempt, Origin } from './attempt.js';
import { tryFromHere } from './connect.js';
import { distributionPort, distributionRange, sampleOf } from './distribution.js';
import { findPortProblems } from './problems.js';
import { tryFromHost } from './remote.js';
import { HERE, hostTarget, listenerTargets, type Target } from './targets.js';
import { unknown, type Verdict } from './verdict.js';

export interface PortsReport {
  readonly view: ClusterView;
  readonly origins: readonly Origin[];
  readonly attempts: readonly Attempt[];
  /** What could not be learnt, and why. */
  readonly gaps: readonly string[];
  readonly problems: readonly Problem[];
}

export interface PortsContext {
  readonly fleet: Fleet & { host(address: string): SshHost };
  readonly epmdPort?: number | undefined;
  /** How a shell is started on the hosts. */
  readonly shell: { readonly sudo?: boolean | undefined; readonly prefix?: readonly string[] | undefined };
  readonly signal: AbortSignal;
}

/**
 * Tries the ports of all members from here, and over SSH from each member to each other.
 *
 * @throws Failure when no node answers at all
 */
export async function tryPorts(context: PortsContext): Promise<PortsReport> {
  const view = await lookAround(context.fleet, context.signal);
  const hosts = new Map(view.members.map((member) => [member.name, hostFor(context, member)]));
  const learnt = await Promise.all(
    view.members.map((member) => learnTargets(context, member, hosts.get(member.name))),
  );
  const targets = learnt.flatMap((each) => each.targets);
  const fromNodes = [...hosts].flatMap(([node, host]) =>
    host ? [fromNode(context, node, host, targets)] : [],
  );
  const tried = await Promise.all([fromHere(context, targets), ...fromNodes]);
  const origins = tried.map(({ origin }) => origin);
  const attempts = tried.flatMap((each) => each.attempts);
  const problems = findPortProblems(view, origins, attempts);
  return { view, origins, attempts, gaps: learnt.flatMap((each) => each.gaps), problems };
}

function hostFor({ fleet }: PortsContext, member: Member): SshHost | undefined {
  const url = hostUrlFor(member, fleet.seeds);
  return url === undefined ? undefined : fleet.host(url);
}

async function learnTargets(context: PortsContext, member: Member, host: SshHost | undefined) {
  const { fleet, signal, shell, epmdPort = EPMD_PORT } = context;
  const { name } = member;
  const limits = { deadline: fleet.deadline, signal };
  const [port, range] = await Promise.all([
    distributionPort(name, epmdPort, host, limits),
    host && distributionRange(host, { ...shell, ...limits }),
  ]);
  const later = range?.value ? sampleOf(range.value).filter((each) => each !== port.value) : [];
  const targets = [
    hostTarget(name, 'epmd', epmdPort),
    ...(port.value === undefined ? [] : [hostTarget(name, 'distribution', port.value)]),
    ...later.map((each) => hostTarget(name, 'range', each)),
    ...listenerTargets(member),
  ];
  const gaps = [
    ...(port.value === undefined ? [`the distribution port of ${name} is not known: ${port.why}`] : []),
    ...(range?.why === undefined ? [] : [`the distribution range of ${name} is not known: ${range.why}`]),
    ...(member.own?.counters ? [] : [`${name} does not tell its listeners`]),
  ];
  return { targets, gaps };
}

interface Tried {
  readonly origin: Origin;
  readonly attempts: readonly Attempt[];
}

async function fromHere({ fleet, signal }: PortsContext, targets: readonly Target[]): Promise<Tried> {
  const attempts = targets.map(async (target): Promise<Attempt> => {
    const verdict = target.wrong ?? (await tryFromHere(target.host, target.port, fleet.deadline, signal));
    return { from: HERE, ...target, ...verdict };
  });
  return { origin: { from: HERE, method: null, error: null }, attempts: await Promise.all(attempts) };
}

async function fromNode(
  { fleet, shell, signal }: PortsContext,
  from: string,
  host: SshHost,
  all: readonly Target[],
): Promise<Tried> {
  const targets = all.filter(({ node }) => node !== from);
  const reachable = targets.filter(({ wrong }) => wrong === undefined);
  const { sudo = false, prefix = [] } = shell;
  // Connecting takes no rights; getting into a container may.
  const options = { deadline: fleet.deadline, signal, prefix, sudo: sudo && prefix.length > 0 };
  try {
    const { method, verdicts } = await tryFromHost(host, reachable, options);
    const found = new Map(reachable.map((target, index) => [target, verdicts[index]]));
    return {
      origin: { from, method: method === 'none' ? null : method, error: null },
      attempts: targets.map((target) => attempt(from, target, found.get(target))),
    };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    return {
      origin: { from, method: null, error: thrown.message },
      attempts: targets.map((target) => attempt(from, target, undefined)),
    };
  }
}

const attempt = (from: string, target: Target, verdict: Verdict | undefined): Attempt => ({
  from,
  ...target,
  ...(target.wrong ?? verdict ?? unknown('it could not be tried from there')),
});
