import { Failure } from '../failure.js';
import type { Fleet } from './observe.js';
import { findProblems, isHealthy } from './problems/find.js';
import type { Problem } from './problems/problem.js';
import { listQueues, queuesOn, totalsOf } from './queues.js';
import { lookAround } from './reach.js';
import { type ClusterView, estimateQueued, type Member } from './view.js';

/** Up to this many queues each one is asked for its messages; above, the counters are good enough for a look. */
const COUNT_UP_TO = 2000;

/** Up to this many queues a node is asked for their sum, which costs it a moment for each. */
const SUM_UP_TO = 20_000;

export interface Queued {
  readonly messages: number;
  /** False when it comes from counters, which know nothing of messages from before the node's last restart. */
  readonly exact: boolean;
}

export interface ClusterReport {
  readonly view: ClusterView;
  readonly problems: readonly Problem[];
  readonly healthy: boolean;
  /** Node → what waits in its queues; a node that nobody reaches is not in it. */
  readonly queued: ReadonlyMap<string, Queued>;
}

/** Looks at the cluster from all nodes at once. Fails only when no node answers at all. */
export async function inspectCluster(fleet: Fleet, signal?: AbortSignal): Promise<ClusterReport> {
  const view = await lookAround(fleet, signal);
  const problems = findProblems(view);
  return { view, problems, healthy: isHealthy(problems), queued: await countQueued(fleet, view, signal) };
}

/** What waits on each node that is reached: counted as far as that costs little, else estimated. */
export async function countQueued(
  fleet: Fleet,
  view: ClusterView,
  signal?: AbortSignal,
): Promise<Map<string, Queued>> {
  const estimates = new Map(view.members.flatMap(estimateOf));
  const held = view.members.reduce(
    (sum, { own }) => sum + (own?.counters ? own.counters.online + own.counters.offline : 0),
    0,
  );
  if (held === 0) return new Map([...estimates.keys()].map((name) => [name, { messages: 0, exact: true }]));
  const asked = view.members.find(({ own, address }) => own?.counters && address !== null);
  if (held > COUNT_UP_TO) return new Map([...estimates, ...(await summaries(fleet, view, signal))]);
  if (!asked?.address || view.partial.length > 0) return estimates;
  try {
    const queues = await listQueues(fleet.rpc(asked.address), { deadline: fleet.deadline, signal });
    const covered = [...estimates.keys()].filter((name) => asked.own?.members.get(name) === true);
    const counts = covered.map(
      (name) => [name, { messages: totalsOf(queuesOn(queues, name)).messages, exact: true }] as const,
    );
    return new Map([...estimates, ...counts]);
  } catch (thrown) {
    // Without an API key, or with a member down, the list cannot be had: the estimate is shown as what it is.
    if (thrown instanceof Failure && thrown.kind !== 'interrupted') return estimates;
    throw thrown;
  }
}

/** Where a node can be asked for the sum of its queues, that is exact however many there are. */
async function summaries(
  fleet: Fleet,
  { members }: ClusterView,
  signal?: AbortSignal,
): Promise<(readonly [string, Queued])[]> {
  const asked = members.map(async ({ name, address, own }) => {
    const { counters = null } = own ?? {};
    const isFew = counters !== null && counters.online + counters.offline <= SUM_UP_TO;
    const rpc = address === null || !isFew ? undefined : fleet.rpc(address);
    const summary = await rpc?.queueSummary?.({ deadline: fleet.deadline, signal }).catch(unlessInterrupted);
    return summary ? [[name, { messages: summary.storedMessages, exact: true }] as const] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** A node that does not answer this keeps its estimate. */
function unlessInterrupted(thrown: unknown): undefined {
  if (thrown instanceof Failure && thrown.kind !== 'interrupted') return undefined;
  throw thrown;
}

function estimateOf({ name, own }: Member): [string, Queued][] {
  return own?.counters ? [[name, { messages: estimateQueued(own.counters), exact: false }]] : [];
}
