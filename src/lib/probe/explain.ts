import { formatDuration } from '../duration.js';
import type { Pair } from './messages.js';
import type { ProbeFindings, ProbeProblem } from './report.js';

const ACL_HINT =
  'Look at the record of this user (vmqctl acl can-i says what the broker decides), or use --provision.';
const LINK_HINT =
  'Look at the link between these nodes: port 44053 (listener.vmq.clustering), and vmqctl cluster show; dropped messages are in vmqctl metrics show (queue_message_drop, cluster_bytes_dropped).';
const SESSION_HINT =
  'Clients that move to another node lose what waits for them, which goes over the link between the nodes (port 44053): look for a split, and for allow_register_during_netsplit.';

/** What is not as it should be, node pairs together that have one cause. */
export function explain(findings: ProbeFindings, maxLatency: number | undefined): ProbeProblem[] {
  return [
    ...findings.nodes.flatMap(({ node, failure, refused }) => [
      ...(failure ? [problem(failure.code, `${node}: ${failure.message}`, failure.hint)] : []),
      ...refused.map(({ code, message, hint }) => problem(code, `${node}: ${message}`, hint ?? ACL_HINT)),
    ]),
    ...explainLoss(findings),
    ...(maxLatency === undefined ? [] : explainLatency(findings.pairs, maxLatency)),
    ...explainShared(findings.shared ?? []),
    ...explainRetained(findings.retained ?? []),
    ...explainTakeovers(findings.takeovers ?? []),
  ];
}

const problem = (code: string, message: string, hint: string | undefined): ProbeProblem => ({
  code,
  message,
  hint: hint ?? LINK_HINT,
});

const names = (nodes: Iterable<string>) => [...new Set(nodes)].join(', ');

/** By publisher: what arrives nowhere, not even where it was published, is refused; the rest is lost between nodes. */
function explainLoss({ pairs, nodes }: ProbeFindings): ProbeProblem[] {
  const troubled = nodes
    .filter(({ failure, refused }) => failure || refused.length > 0)
    .map(({ node }) => node);
  return [...new Set(pairs.map(({ from }) => from))].flatMap((from) => {
    const own = pairs.filter((pair) => pair.from === from && pair.all.sent > 0);
    const losing = own.filter(({ all }) => all.lost > 0);
    if (losing.length === 0) return [];
    const lost = losing.map(({ to, all }) => `${to} (${all.lost} of ${all.sent})`).join(', ');
    const isSilent = losing.length === own.length && own.every(({ all }) => all.received === 0);
    const qos = lostQos(losing);
    if (isSilent)
      return problem(
        'nothing_arrives',
        `what is published on ${from} arrives on no node, itself included`,
        ACL_HINT,
      );
    const message = `published on ${from}${qos}, and not received on ${lost}`;
    return problem('messages_lost', message, lossHint(losing, troubled));
  });
}

/** What is lost with a node that is in trouble itself says nothing about its links. */
function lossHint(losing: readonly Pair[], troubled: readonly string[]): string {
  const because = losing.map(({ from, to }) => [from, to].filter((node) => troubled.includes(node)));
  if (because.some((nodes) => nodes.length === 0)) return LINK_HINT;
  return `Look first at ${names(because.flat())}: see what is said of it above.`;
}

/** Where only some are lost, which: a record may allow one and not another. */
function lostQos(pairs: readonly Pair[]): string {
  const by = pairs.flatMap(({ byQos }) => Object.entries(byQos));
  const lossy = new Set(by.filter(([, { lost }]) => lost > 0).map(([qos]) => qos));
  return lossy.size === new Set(by.map(([qos]) => qos)).size ? '' : ` with QoS ${[...lossy].join(' and ')}`;
}

function explainLatency(pairs: readonly Pair[], limit: number): ProbeProblem[] {
  const slow = pairs.filter(({ all }) => (all.p99 ?? 0) > limit);
  return slow.map(({ from, to, all }) =>
    problem(
      'slow',
      `from ${from} to ${to} p99 is ${formatLatency(all.p99)}, more than ${formatLatency(limit)}`,
      'Look at the load of both nodes, and at the network between them and to here: both ways are in the figure.',
    ),
  );
}

function explainShared(shared: NonNullable<ProbeFindings['shared']>): ProbeProblem[] {
  return shared
    .filter(({ lost, duplicated }) => lost + duplicated > 0)
    .map(({ from, sent, lost, duplicated }) =>
      problem(
        'shared_subscription',
        `shared subscription: of ${sent} messages published on ${from}, ${lost} reached no member of the group and ${duplicated} more than one`,
        'Look at shared_subscription_policy (local_only delivers to members on the same node only) and at the record: $share/… has to be allowed with its prefix.',
      ),
    );
}

function explainRetained(retained: NonNullable<ProbeFindings['retained']>): ProbeProblem[] {
  const unseen = retained.filter(({ after }) => after === null);
  return [...new Set(unseen.map(({ from }) => from))].map((from) =>
    problem(
      'retained_unseen',
      `what is retained on ${from} is not there for new subscribers on ${names(unseen.filter((one) => one.from === from).map(({ to }) => to))}`,
      'Retained messages reach the other members through the metadata store: look at vmqctl cluster show; or the record forbids to retain (allowed_retain).',
    ),
  );
}

const OUTCOMES = {
  message_lost: 'the session came along, the message that waited in it did not',
  session_lost: 'the session did not come along, nor the message that waited in it',
} as const;

function explainTakeovers(takeovers: NonNullable<ProbeFindings['takeovers']>): ProbeProblem[] {
  return takeovers.flatMap(({ from, to, outcome, failure }) => {
    if (outcome === 'delivered') return [];
    const reason = outcome === 'failed' ? (failure?.message ?? '') : OUTCOMES[outcome];
    return problem(
      `takeover_${outcome}`,
      `session takeover from ${from} to ${to}: ${reason}`,
      failure?.hint ?? SESSION_HINT,
    );
  });
}

/** `0.8 ms`, `4.2 s`. */
export function formatLatency(milliseconds: number | null): string {
  if (milliseconds === null) return '-';
  return milliseconds < 1000
    ? `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`
    : formatDuration(milliseconds);
}
