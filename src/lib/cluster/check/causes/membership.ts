import { list } from '../../problems/problem.js';
import { groups, lists, sees } from '../../problems/relations.js';
import { memberOf } from '../../view.js';
import type { Evidence } from '../evidence.js';
import type { Cause } from './cause.js';
import { cookieDiffers, cutOff, filtered } from './distribution.js';

/** Of a problem of the views, in its own order. */
type Nodes = readonly string[];

const AGAIN = { look: 'Look again in 20 s: a join that is on its way is over by then.' };

/** A join makes the nodes turn each other away for some seconds; a node that is out is turned away for good. */
const LONGER_THAN_A_JOIN = 10;

/** It lists itself alone, though others list it. */
export function wiped([node = '', ...others]: Nodes, evidence: Evidence): Cause[] {
  const join = joinOf(node, evidence);
  return [
    {
      code: 'wiped_node_came_back',
      certainty: (evidence.hasLasted || evidence.logs.has(node)) && !join ? 'certain' : 'likely',
      nodes: [node, ...others],
      message: `${node} runs with empty data under the name of a member: its data was wiped, or its volume was lost, ${join ? 'and its join has not arrived yet' : 'and it was not joined again'}`,
      because: `it lists itself alone, and ${list(others)} still ${others.length === 1 ? 'lists' : 'list'} it${evidence.hasLasted ? ', for longer than a join takes' : join ? '' : '; a join would look the same, for 20 s'}`,
      cure: `While it is still empty: vmqctl cluster join discovery-node=${others[0]} --on ${urlOf(evidence, node)} (once it had clients or API keys, wipe it again first)`,
      ...(evidence.hasLasted ? {} : AGAIN),
    },
    ...(join ? [joining(node, others, join, 'likely')] : []),
  ];
}

/** It lists others, and none of them lists it. */
export function expelled([node = '', ...others]: Nodes, evidence: Evidence): Cause[] {
  const join = joinOf(node, evidence);
  const turnedAway = others.some(
    (other) => (evidence.logs.get(other)?.turnedAway ?? 0) >= LONGER_THAN_A_JOIN,
  );
  const out: Cause = {
    code: 'expelled_node_came_back',
    certainty: join ? 'possible' : turnedAway ? 'certain' : 'likely',
    nodes: [node, ...others],
    message: `${node} was taken out of the cluster and runs again with its old data: its clients are cut off from the rest`,
    because: turnedAway
      ? `it lists ${list(others)}, which turn its connections away`
      : `it lists ${list(others)}, and none of them lists it`,
    cure: `Stop ${node}, wipe its data, and join it again. What is queued on it is lost with that: let its clients fetch it first.`,
    ...((turnedAway || evidence.hasLasted) && !join ? {} : AGAIN),
  };
  return join ? [joining(node, others, join, 'likely'), out] : [out];
}

/** One lists the other, which lists itself alone: from two views nobody can tell which of them is out of date. */
export const oneSided = ([one = '', other = '']: Nodes, evidence: Evidence): Cause[] =>
  [...wiped([other, one], evidence), ...expelled([one, other], evidence)].map((cause) => ({
    ...cause,
    certainty: 'possible',
  }));

/** Clusters that do not know each other. */
export function separate(evidence: Evidence): Cause[] {
  const { view, distribution } = evidence;
  const parts = groups(view.observers, (one, other) => lists(view, one, other) || lists(view, other, one));
  const tried = parts.flat().flatMap((node) => afterJoin(node, evidence));
  const isUnderWay = ({ code }: Cause) => code === 'join_in_progress';
  if (tried.length > 0)
    return tried.sort((one, other) => Number(isUnderWay(one)) - Number(isUnderWay(other)));
  const smallFirst = [...parts].sort((one, other) => one.length - other.length);
  if ([...distribution.values()].includes('wrong_cookie')) return []; // told by itself, and reason enough
  return [
    {
      code: 'not_joined',
      certainty: 'likely',
      nodes: smallFirst.flat(),
      message: `these have never been joined, or not since they were wiped: ${smallFirst.map(list).join(' | ')}`,
      because: 'no node of one of them lists a node of another one',
      cure: joinTogether(smallFirst, evidence),
      look: 'If a join was refused as not_reachable: the cookies differ, or a packet filter is between them.',
    },
  ];
}

const urlOf = ({ view }: Evidence, node: string) => memberOf(view, node)?.address ?? `URL-of-${node}`;

/** Single nodes are joined to the largest part; which of two clusters is to stay, nobody else can know. */
function joinTogether(parts: readonly (readonly string[])[], evidence: Evidence): string {
  const [target = ''] = parts.at(-1) ?? [];
  const joining = parts.slice(0, -1);
  if (joining.some(({ length }) => length > 1))
    return 'Decide which part is to stay. Wipe the nodes of the other one, and join them: vmqctl cluster join.';
  const urls = joining.map(([node = '']) => `--on ${urlOf(evidence, node)}`).join(' ');
  return `vmqctl cluster join discovery-node=${target} ${urls} (a node that joins has to be empty)`;
}

/** What became of a join that a node has sent. */
function afterJoin(node: string, { logs, distribution }: Evidence): Cause[] {
  const signs = logs.get(node);
  const target = signs?.joins.find((one) => one !== node);
  if (!signs || target === undefined) return [];
  if (signs.last.get(target) === 'UP' || logs.get(target)?.last.get(node) === 'UP')
    return [joining(node, [target], target, 'likely')];
  const because = `it sent a join to ${target}, and there never was a connection`;
  const ports = [distribution.get(node), distribution.get(target)];
  if (ports.includes('silent')) return [filtered([node, target], because, 'likely')];
  const areOpen = ports.every((met) => met === 'open' || met === 'accepted');
  return areOpen
    ? [
        cookieDiffers(
          [node, target],
          `${because}, though their Erlang ports take connections from here`,
          'likely',
        ),
      ]
    : [cookieDiffers([node, target], because, 'possible'), filtered([node, target], because, 'possible')];
}

/** Living nodes of which each side reports the other as down. */
export function split(_nodes: Nodes, evidence: Evidence): Cause[] {
  const { view } = evidence;
  const sides = groups(
    view.observers,
    (one, other) => sees(view, one, other) === true && sees(view, other, one) === true,
  );
  return cutOff(sides, evidence);
}

/** Two that report each other as down, though others see both. */
export const lostLink = (nodes: Nodes, evidence: Evidence): Cause[] =>
  cutOff(
    nodes.map((node) => [node]),
    evidence,
  );

/** The first reports the others as down, which see it. */
export function oneDirection([observer = '', ...lost]: Nodes, { logs }: Evidence): Cause[] {
  const seen = lost.filter((node) => logs.get(observer)?.last.get(node) === 'UP');
  const back: Cause = {
    code: 'node_comes_back',
    certainty: seen.length > 0 ? 'likely' : 'possible',
    nodes: lost,
    message: `${list(lost)} ${lost.length === 1 ? 'has' : 'have'} just started or come back, and ${observer} has not counted ${lost.length === 1 ? 'it' : 'them'} as running yet`,
    because: seen.length > 0 ? `the log of ${observer} says UP` : 'a view is up to 10 s old',
    cure: 'Nothing: look again in 20 s.',
    look: 'If it lasts, it is no matter of time.',
  };
  if (seen.length > 0) return [back];
  return [
    back,
    filtered([observer, ...lost], 'it would last, and a node that comes back does not', 'possible'),
  ];
}

/** A join that has not arrived in all the time that was waited is none that would explain it. */
const joinOf = (node: string, { logs, hasLasted }: Evidence) =>
  hasLasted ? undefined : logs.get(node)?.joins[0];

const joining = (
  node: string,
  others: readonly string[],
  target: string,
  certainty: Cause['certainty'],
): Cause => ({
  code: 'join_in_progress',
  certainty,
  nodes: [node, ...others],
  message: `${node} is just joining: its join is on its way to the others`,
  because: `it sent a join to ${target}`,
  cure: 'Nothing: all nodes see each other about 15 s after a join.',
  look: 'If it lasts, the join has been lost.',
});
