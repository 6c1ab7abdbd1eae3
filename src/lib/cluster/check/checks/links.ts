import { clusteringListener } from '../../view.js';
import type { Cause, CauseCode } from '../causes/cause.js';
import type { Check } from '../check.js';
import { type Finding, ok, unknown } from '../finding.js';
import type { Survey } from '../survey.js';

const OF_DATA: readonly CauseCode[] = [
  'clustering_listener_stopped',
  'clustering_listener_missing',
  'clustering_listener_loopback_or_any',
  'clustering_listener_unreachable',
  'clustering_address_of_another_node',
  'clustering_port_filtered',
  'data_channel_down',
];
const OF_ERLANG: readonly CauseCode[] = ['cookie_differs', 'distribution_port_filtered'];

/** The links between nodes, of which `Running` tells only that there is one for Erlang. */
export const linkChecks: readonly Check[] = [
  {
    name: 'data-channel',
    about: 'Messages reach every node from every other one, whatever Running says',
    run: async (survey) => judgeDataChannel(survey),
  },
  {
    name: 'erlang-ports',
    about: 'A new Erlang connection to every node would be taken',
    run: async (survey) => judgeErlangPorts(survey),
  },
];

export function judgeDataChannel({
  causes,
  evidence,
  living,
}: Pick<Survey, 'causes' | 'evidence' | 'living'>): Finding {
  const { view, channels, clustering, fromPeers } = evidence;
  if (view.members.length < 2) return ok('one node: there is nobody to send messages to');
  const found = fromCauses(causes, OF_DATA);
  if (found) return found;
  const names = living.map(({ name }) => name);
  const isUp = (from: string, to: string) => from === to || channels.get(from)?.get(to) === 'up';
  if (names.every((from) => names.every((to) => isUp(from, to))))
    return ok('all links for messages are up, as the brokers themselves say');
  // What is shut to another node is told as a cause.
  const untried = living.filter(({ name }) => clustering.get(name) !== 'open' && !fromPeers.has(name));
  if (untried.length === 0)
    return ok(
      'every clustering listener takes connections; whether the links stand is told over erl:// only',
    );
  const reasons = untried.map((member) => {
    const { address, port } = clusteringListener(member.own) ?? {};
    const met = clustering.get(member.name);
    return port === undefined
      ? `${member.name}: its clustering listener is not known`
      : `${member.name}: ${address}:${port} ${met === undefined ? 'was not tried from here' : met === 'silent' ? 'does not answer here' : 'refuses connections from here'}`;
  });
  return unknown(
    `it cannot be told from here whether messages reach ${untried.map(({ name }) => name).join(', ')}`,
    reasons,
    'The ports may be closed to this machine on purpose. Reach the nodes by erl:// URLs: there the brokers tell it themselves.',
  );
}

export function judgeErlangPorts({
  causes,
  evidence,
  living,
}: Pick<Survey, 'causes' | 'evidence' | 'living'>): Finding {
  const found = fromCauses(causes, OF_ERLANG);
  if (found) return found;
  const bad = living.filter(
    ({ name }) => !['open', 'accepted'].includes(evidence.distribution.get(name) ?? ''),
  );
  if (bad.length === 0) return ok('every node takes Erlang connections from here');
  return unknown(
    `not known of ${bad.map(({ name }) => name).join(', ')}`,
    bad.map(
      ({ name }) => `${name}: ${evidence.distribution.get(name) ?? 'its epmd cannot be asked from here'}`,
    ),
    'epmd (4369) and the Erlang ports may be closed to this machine on purpose: --skip erlang-ports.',
  );
}

function fromCauses(causes: readonly Cause[], codes: readonly CauseCode[]): Finding | undefined {
  const [first, ...more] = causes.filter(({ code }) => codes.includes(code));
  if (!first) return undefined;
  return {
    status: first.certainty === 'possible' ? 'warn' : 'critical',
    summary: first.message,
    evidence: [first.because, ...more.map(({ message }) => message)],
    cause: `${first.code} (${first.certainty})`,
    cure: first.cure,
    nodes: first.nodes,
  };
}
