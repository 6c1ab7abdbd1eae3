import type { Problem, Severity } from '../problems/problem.js';
import { type ClusterView, clusteringListener, type Member } from '../view.js';
import type { Attempt, Origin } from './attempt.js';
import { HERE, NEEDED_BY_NODES, type PortKind } from './targets.js';

const NAMES: Readonly<Record<PortKind, string>> = {
  epmd: 'epmd',
  distribution: 'Erlang distribution',
  range: 'the distribution range',
  cluster: 'the clustering listener',
  mqtt: 'MQTT',
  http: 'HTTP',
};

/** What is wrong with the ports: errors are what keeps nodes apart, warnings what may keep clients out. */
export function findPortProblems(
  view: ClusterView,
  origins: readonly Origin[],
  attempts: readonly Attempt[],
): Problem[] {
  const wrong = attempts.filter(
    ({ state, suspended }) => state !== 'open' && state !== 'unknown' && !suspended,
  );
  const found = [
    ...view.members.flatMap(withoutClusterListener),
    ...grouped(wrong).flatMap(toProblem),
    ...untried(view, origins),
  ];
  return found.sort((one, other) => rank(one.severity) - rank(other.severity));
}

const rank = (severity: Severity) => (severity === 'error' ? 0 : 1);

function withoutClusterListener(member: Member): Problem[] {
  if (!member.own?.counters || clusteringListener(member.own) !== undefined) return [];
  return [
    {
      code: 'no_cluster_listener',
      severity: 'error',
      message: `${member.name} announces no clustering listener: no other node can send it messages`,
      hint: 'Set listener.vmq.clustering in its vernemq.conf to its own address and port 44053, and restart it.',
      nodes: [member.name],
    },
  ];
}

/** The same failure of the same port is one problem, wherever it was seen from. */
function grouped(attempts: readonly Attempt[]): (readonly [Attempt, ...Attempt[]])[] {
  const groups = new Map<string, [Attempt, ...Attempt[]]>();
  for (const attempt of attempts) {
    const { node, kind, host, port, state, detail } = attempt;
    // Ports of a range that fail alike are one failure.
    const key = JSON.stringify([node, kind, host, kind === 'range' ? 0 : port, state, detail]);
    const group = groups.get(key);
    if (group) group.push(attempt);
    else groups.set(key, [attempt]);
  }
  return [...groups.values()];
}

function toProblem(group: readonly [Attempt, ...Attempt[]]): Problem[] {
  const [{ kind, state, detail, node, host }] = group;
  const nodes = [...new Set(group.filter(({ from }) => from !== HERE).map(({ from }) => from))];
  const severity = severityOf(group[0], nodes.length > 0);
  if (severity === undefined) return [];
  const ports = [...new Set(group.map(({ port }) => port))].join(', ');
  const seen = nodes.length > 0 ? `from ${nodes.join(', ')}` : 'from here';
  const whence = group[0].wrong ? '' : `, ${seen}`;
  const words = state === 'wrong_address' ? (detail ?? 'a wrong address') : state;
  return [
    {
      code: `${kind}_${state}`,
      severity,
      message: `${NAMES[kind]} of ${node} (${host}:${ports})${whence}: ${words}`,
      hint: cure(group[0]),
      nodes: [node, ...nodes],
    },
  ];
}

/** From here much may be closed that only the nodes need; between the nodes it may not. Undefined: no problem. */
function severityOf({ kind, state, wrong }: Attempt, isBetweenNodes: boolean): Severity | undefined {
  if (NEEDED_BY_NODES.has(kind)) return isBetweenNodes || wrong ? 'error' : undefined;
  // In a range a port that nobody uses yet refuses, which says that the way is free.
  if (kind === 'range') return isBetweenNodes && state !== 'refused' ? 'warning' : undefined;
  return kind === 'mqtt' && !isBetweenNodes ? 'warning' : undefined;
}

function cure({ kind, state, node, wrong }: Attempt): string {
  if (kind === 'cluster' && wrong)
    return `Set listener.vmq.clustering (or vmqs) of ${node} to an address that the other nodes reach, and restart it.`;
  if (wrong)
    return `Bind the listener of ${node} to an address of its own network, if others are to reach it.`;
  if (state === 'filtered')
    return kind === 'range'
      ? 'Open the whole range between the nodes: after its next start the node may take any port of it.'
      : 'Nothing came back: open the port in the firewalls and security groups between the two.';
  if (state === 'wrong_address')
    return 'Compare the address, and the name after the @, with the routes and names over there.';
  if (kind === 'epmd') return `Does epmd run on the host of ${node}, and does it listen on that address?`;
  return `Does ${node} listen there? A firewall that rejects looks the same.`;
}

function untried({ members }: ClusterView, origins: readonly Origin[]): Problem[] {
  const problem = (code: string, message: string, hint: string, nodes: readonly string[]): Problem => ({
    code,
    severity: 'warning',
    message,
    hint,
    nodes,
  });
  const failed = origins.filter(({ error }) => error !== null);
  const helpless = origins.filter(({ from, method, error }) => from !== HERE && !method && !error);
  const without = members
    .filter(({ name }) => origins.every(({ from }) => from !== name))
    .map(({ name }) => name);
  return [
    ...failed.map(({ from, error }) =>
      problem(
        'no_origin',
        `nothing was tried from ${from}: ${error}`,
        'Does ssh with the same user get there?',
        [from],
      ),
    ),
    ...helpless.map(({ from }) =>
      problem(
        'no_tool',
        `nothing was tried from ${from}: it has no bash, python, perl or nc`,
        'Install one of them there.',
        [from],
      ),
    ),
    ...(without.length === 0 || members.length === 1
      ? []
      : [
          problem(
            'no_ssh',
            `from ${without.join(', ')} nothing was tried: no SSH URL is known`,
            'Name their hosts with --node ssh://USER@HOST; one is enough where all have the same user.',
            without,
          ),
        ]),
  ];
}
