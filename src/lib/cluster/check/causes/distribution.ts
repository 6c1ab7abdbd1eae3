import { list } from '../../problems/problem.js';
import type { Evidence } from '../evidence.js';
import type { Cause } from './cause.js';

/** What new Erlang connections meet, whatever the views show: those that stand hide it until they break. */
export function distributionCauses({ distribution, view }: Evidence): Cause[] {
  const takes = nodesThat(distribution, 'accepted');
  const refuses = nodesThat(distribution, 'wrong_cookie');
  const opens = [...takes, ...refuses, ...nodesThat(distribution, 'open')];
  return [
    ...(takes.length > 0 ? refuses.map((name) => cookieDiffers([name, ...takes], TRIED, 'certain')) : []),
    ...nodesThat(distribution, 'silent')
      // Of a node that gives no view itself, more than its Erlang port is wrong.
      .filter((name) => opens.length > 0 && view.observers.includes(name))
      .map((name) =>
        filtered([name], `from here it does not answer, and that of ${list(opens)} does`, 'likely'),
      ),
  ];
}

const TRIED = 'the others take the cookie that was tried here, and it does not';

const nodesThat = (distribution: Evidence['distribution'], met: string) =>
  [...distribution].flatMap(([name, found]) => (found === met ? [name] : []));

/** Two nodes, or parts of a cluster, that run and have no Erlang connection. */
export function cutOff(sides: readonly (readonly string[])[], { distribution }: Evidence): Cause[] {
  const nodes = [...sides].sort((one, other) => one.length - other.length).flat();
  const met = nodes.map((name) => distribution.get(name));
  if (nodes.some((name) => distribution.get(name) === 'wrong_cookie')) return []; // told already, by itself
  if (met.includes('silent'))
    return [
      filtered(
        nodes.filter((name) => distribution.get(name) === 'silent'),
        'its Erlang port does not answer from here',
        'likely',
      ),
    ];
  if (met.every((found) => found === 'open' || found === 'accepted'))
    return [
      met.every((found) => found === 'accepted')
        ? filtered(nodes, 'all have the same cookie, as was tried from here', 'likely')
        : cookieDiffers(
            nodes,
            'their Erlang ports take connections from here, and they still do not connect',
            'likely',
          ),
    ];
  const because = 'their Erlang ports could not all be tried from here, so it is this or the other one';
  return [cookieDiffers(nodes, because, 'possible'), filtered(nodes, because, 'possible')];
}

export const cookieDiffers = (
  nodes: readonly string[],
  because: string,
  certainty: Cause['certainty'],
): Cause => ({
  code: 'cookie_differs',
  certainty,
  nodes,
  message: `${nodes[0]} has another Erlang cookie than ${list(nodes.slice(1))}: they run, and do not let each other in`,
  because,
  cure: 'Make distributed_cookie the same in vernemq.conf of all nodes, and restart the one that differs.',
  ...(certainty === 'certain'
    ? {}
    : { look: 'vmqctl cluster check with erl:// nodes and --cookie-from tries the cookie on each.' }),
});

export const filtered = (
  nodes: readonly string[],
  because: string,
  certainty: Cause['certainty'],
): Cause => ({
  code: 'distribution_port_filtered',
  certainty,
  nodes,
  message: `something keeps new Erlang connections from ${list(nodes)}: what stands goes on until it breaks, and is then not made again`,
  because,
  cure: 'Let the nodes reach each other at 4369/tcp (epmd) and in the range of erlang.distribution.port_range.',
  look: 'On that host: does vmq-admin cluster show answer? From another node: epmd -names, and nc -vz to the port it says.',
});
