import type { Metrics } from '../../metrics.js';
import type { Check } from '../check.js';
import { type Finding, judged, ok } from '../finding.js';
import type { Thresholds } from '../options.js';

/** The metrics of a node at two moments. */
type Pair = readonly [before: Metrics, after: Metrics];
type Pairs = ReadonlyMap<string, Pair>;

const fromMetrics = (
  name: string,
  about: string,
  judge: (pairs: Pairs, thresholds: Thresholds) => Finding,
): Check => ({
  name,
  about,
  run: async (survey, thresholds) =>
    judged(await survey.each((member) => survey.twice(member)), (pairs) => judge(pairs, thresholds)),
});

/** What the brokers count, and how fast it grows. */
export const counterChecks: readonly Check[] = [
  fromMetrics('netsplits', 'No node counts a netsplit that is not resolved', judgeNetsplits),
  fromMetrics('bytes-dropped', 'Nothing is dropped on its way from node to node', judgeDropped),
  fromMetrics('kick-loops', 'Clients do not take over the sessions of each other', judgeTakeovers),
  fromMetrics('queue-growth', 'The queues do not fill faster than they are emptied', judgeGrowth),
];

export function judgeNetsplits(pairs: Pairs): Finding {
  const seen = [...pairs].map(([node, [, now]]) => ({
    node,
    detected: now.total('netsplit_detected'),
    resolved: now.total('netsplit_resolved') ?? 0,
  }));
  if (seen.some(({ detected }) => detected === undefined)) return notCounted('netsplit_detected');
  const evidence = seen.map(
    ({ node, detected, resolved }) => `${node}: ${detected} detected, ${resolved} resolved`,
  );
  const open = seen.filter(({ detected = 0, resolved }) => detected > resolved).map(({ node }) => node);
  if (open.length === 0) return ok('none is open', evidence);
  return {
    status: 'warn',
    summary: `${open.join(', ')}: more netsplits detected than resolved since the node started`,
    evidence,
    cause:
      'a member is or was away: while it is, CONNECT, PUBLISH and SUBSCRIBE are refused unless allow_*_during_netsplit is on',
    cure: 'See the views. If all members see each other, the counters stay as they are until the node is restarted.',
    nodes: open,
  };
}

export function judgeDropped(pairs: Pairs, { droppedBytes }: Pick<Thresholds, 'droppedBytes'>): Finding {
  const counts = [...pairs].map(([node, [before, after]]) => {
    const now = after.total('cluster_bytes_dropped');
    return { node, now, grown: (now ?? 0) - (before.total('cluster_bytes_dropped') ?? 0) };
  });
  if (counts.some(({ now }) => now === undefined)) return notCounted('cluster_bytes_dropped');
  const evidence = counts.map(
    ({ node, now, grown }) => `${node}: ${now} bytes since its start, ${grown} just now`,
  );
  const growing = counts.filter(({ grown }) => grown > 0).map(({ node }) => node);
  const some = counts.filter(({ now = 0 }) => now > droppedBytes).map(({ node }) => node);
  if (growing.length === 0 && some.length === 0) return ok('nothing was dropped', evidence);
  const nodes = growing.length > 0 ? growing : some;
  return {
    status: growing.length > 0 ? 'critical' : 'warn',
    summary: `${nodes.join(', ')} ${growing.length > 0 ? 'is dropping' : 'has dropped'} messages for other nodes`,
    evidence,
    cause:
      'the link for messages to another node was down or too slow, and outgoing_clustering_buffer_size was full',
    cure: 'See the data-channel check. What was dropped is lost.',
    nodes,
  };
}

export function judgeTakeovers(pairs: Pairs, { takeovers }: Pick<Thresholds, 'takeovers'>): Finding {
  const rates = [...pairs].map(([node, [before, after]]) => {
    const count = (metrics: Metrics) => metrics.total('mqtt_disconnect_sent', isTakeover);
    const now = count(after);
    return {
      node,
      rate: now === undefined ? undefined : perSecond(before, after, now - (count(before) ?? 0)),
    };
  });
  const uncounted = rates.filter(({ rate }) => rate === undefined).map(({ node }) => node);
  if (uncounted.length > 0)
    return { ...notCounted('mqtt_disconnect_sent with reason session_taken_over'), nodes: uncounted };
  const evidence = rates.map(({ node, rate = 0 }) => `${node}: ${rate.toFixed(1)} take-overs per second`);
  const busy = rates.filter(({ rate = 0 }) => rate > takeovers).map(({ node }) => node);
  if (busy.length === 0) return ok('few sessions are taken over; only MQTT 5 clients are counted', evidence);
  return {
    status: 'warn',
    summary: `${busy.join(', ')}: sessions are taken over again and again`,
    evidence,
    cause: 'two clients have the same client id, and each reconnects when the other throws it out',
    cure: 'Find the id: set the log level to debug and look for "disconnect session", or trace a suspect with vmqctl trace client.',
    nodes: busy,
  };
}

const isTakeover = (labels: Readonly<Record<string, string>>) =>
  Object.values(labels).some((value) => value === 'session_taken_over');

export function judgeGrowth(pairs: Pairs, { queueGrowth }: Pick<Thresholds, 'queueGrowth'>): Finding {
  const waiting = (metrics: Metrics) => {
    const [entered, ...left] = ['in', 'out', 'drop', 'unhandled'].map((what) =>
      metrics.total(`queue_message_${what}`),
    );
    return entered === undefined
      ? undefined
      : left.reduce<number>((rest, value) => rest - (value ?? 0), entered);
  };
  const rates = [...pairs].map(([node, [before, after]]) => {
    const [then, now] = [waiting(before), waiting(after)];
    return {
      node,
      rate: then === undefined || now === undefined ? undefined : perSecond(before, after, now - then),
    };
  });
  if (rates.some(({ rate }) => rate === undefined)) return notCounted('queue_message_in');
  const evidence = rates.map(({ node, rate = 0 }) => `${node}: ${rate.toFixed(1)} messages per second more`);
  const total = rates.reduce((sum, { rate = 0 }) => sum + rate, 0);
  if (total <= queueGrowth) return ok('the queues do not grow, or not much', evidence);
  return {
    status: 'warn',
    summary: `the queues grow by ${Math.round(total)} messages per second`,
    evidence,
    cause: 'clients are away or too slow for what is published to them',
    cure: 'See which queues are long: vmqctl session show --client_id --offline_messages. max_offline_messages and persistent_client_expiration bound them.',
    nodes: rates.filter(({ rate = 0 }) => rate > 0).map(({ node }) => node),
  };
}

const perSecond = (before: Metrics, after: Metrics, more: number) =>
  (more * 1000) / Math.max(1, after.at - before.at);

const notCounted = (name: string): Finding => ({
  status: 'unknown',
  summary: `${name} is not among the metrics that could be read`,
  cure: 'Labels are told at /metrics, over HTTP only; a node that has another metrics module tells others.',
});
