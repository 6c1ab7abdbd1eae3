import { hostOf } from '../../addresses.js';
import type { ClusterView } from '../../view.js';
import type { Evidence } from '../evidence.js';
import type { Cause } from './cause.js';
import { filtered } from './distribution.js';

/** Members that run for nobody and say nothing: each by what its ports answer here. */
export const ghosts = (nodes: readonly string[], evidence: Evidence): Cause[] =>
  nodes.flatMap((node) => silent(node, evidence));

/** `/status.json` hangs where a member does not answer over Erlang distribution. */
export function hanging(nodes: readonly string[], evidence: Evidence): Cause[] {
  const frozen = nodes.flatMap((node) => silent(node, evidence));
  if (frozen.length > 0) return frozen;
  const { distribution, view } = evidence;
  const suspects = view.observers.filter((node) => distribution.get(node) === 'silent');
  if (suspects.length > 0)
    return [filtered(suspects, 'nodes wait for it, though it answers by itself over HTTP', 'likely')];
  return [
    filtered(
      view.observers,
      'all answer by themselves, and hang when they ask each other; which of them it is cannot be told from here',
      'possible',
    ),
  ];
}

/**
 * It gives no view, though the others still count it as running: they notice a frozen node only after a minute. Any other
 * reason not to answer here is none of its own.
 */
export const unanswering = ({ distribution, view }: Evidence): Cause[] =>
  view.members
    .filter(({ name, own, running }) => {
      // An address that the operator gave has no node's name as long as nobody answers there.
      const isThere = (one: ClusterView['unreachable'][number]) =>
        one.node === name || new URL(one.address).hostname === hostOf(name);
      const hangs = view.unreachable.some((one) => one.failure?.code === 'ssh_deadline' && isThere(one));
      return own === null && running !== 'no' && (distribution.get(name) === 'mute' || hangs);
    })
    .map(({ name }) => frozen(name, 'likely'));

function silent(node: string, evidence: Evidence): Cause[] {
  const { distribution } = evidence;
  const erlang = distribution.get(node);
  // Whoever shakes hands is not frozen; that the cookie is another one is told by itself.
  if (erlang === 'accepted')
    return [
      filtered([node], 'it lets in whoever has the cookie, and yet the others do not see it', 'likely'),
    ];
  if (erlang === 'wrong_cookie' && [...distribution.values()].includes('accepted')) return [];
  const doors = [evidence.management.get(node), erlang, evidence.clustering.get(node)];
  if (doors.some((met) => met === 'open' || met === 'wrong_cookie' || met === 'mute'))
    return [frozen(node, 'likely')];
  if (doors.some((met) => met === 'refused' || met === 'not_registered')) return [stopped(node, 'likely')];
  if (doors.includes('silent')) return [unreachable(node, 'likely')];
  return [stopped(node, 'possible'), unreachable(node, 'possible')];
}

const frozen = (node: string, certainty: Cause['certainty']): Cause => ({
  code: 'frozen_node',
  certainty,
  nodes: [node],
  message: `${node} is frozen: its process exists and does nothing`,
  because: 'its host still takes connections for it, and nothing is answered',
  cure: 'On its host: kill -CONT if it was stopped; else see whether it swaps or its disk hangs, and kill and start it.',
  look: 'On its host: ps -o stat= of beam.smp (T is stopped, D waits for the disk).',
});

const stopped = (node: string, certainty: Cause['certainty']): Cause => ({
  code: 'node_stopped',
  certainty,
  nodes: [node],
  message: `${node} does not run: it was stopped, killed, or has crashed`,
  because:
    certainty === 'likely'
      ? 'its host answers, and refuses connections to the ports of the broker'
      : 'all others say so; no port of it could be tried from here',
  cure: 'Start it again with its data. If it is gone for good: vmqctl cluster reap --dry-run.',
  look: 'On its host: the end of console.log and crash.dump, and journalctl -u vernemq.',
});

const unreachable = (node: string, certainty: Cause['certainty']): Cause => ({
  code: 'host_unreachable',
  certainty,
  nodes: [node],
  message: `the host of ${node} is down, or cut off`,
  because:
    certainty === 'likely'
      ? 'nothing comes back from it, not even a refusal'
      : 'it would look the same; no port of it could be tried from here',
  cure: 'Get the host or its network back. Take the node out only once it is known to be dead.',
  look: 'From another node: ping it.',
});
