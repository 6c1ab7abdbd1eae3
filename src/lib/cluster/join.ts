import { toFailure } from '../admin/failure.js';
import type { NodeView } from '../admin/rpc.js';
import { Failure } from '../failure.js';
import { checkMembership, type JoinOptions, refuseAndWarn, refuseUnlessOpen } from './join-preflight.js';
import { type Fleet, observe } from './observe.js';
import { findProblems } from './problems/find.js';
import { type ClusterView, mergeViews } from './view.js';

export type JoinEvent =
  | { readonly type: 'checked'; readonly joining: string; readonly alreadyMember: boolean }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'sent'; readonly address: string }
  | { readonly type: 'waiting'; readonly elapsed: number; readonly missing: readonly string[] };

export interface JoinReport {
  readonly node: string;
  readonly discoveryNode: string;
  readonly members: readonly string[];
  readonly alreadyMember: boolean;
  /** Milliseconds until all agreed. */
  readonly took: number;
}

const POLL = 500;

/**
 * Joins a node to a cluster and waits until every node sees every node. `Done` alone means nothing: it is what both
 * sides say later that counts.
 *
 * @throws Failure
 */
export async function* joinCluster(
  fleet: Fleet,
  options: JoinOptions,
  signal?: AbortSignal,
): AsyncGenerator<JoinEvent, JoinReport> {
  const rpc = fleet.rpc(options.on);
  const call = { deadline: fleet.deadline, signal };
  const { views, self } = await rpc.views(call);
  const joining = views.find(({ node }) => node === self);
  if (!joining) throw new Failure('bug', 'no_self', `${options.on} gave no view of its own`);
  const alreadyMember = checkMembership(joining, options.discoveryNode);

  const all: Fleet = { ...fleet, seeds: [...new Set([options.on, ...fleet.seeds])] };
  const started = fleet.clock.now();
  if (!alreadyMember) {
    const before = mergeViews(await observe(all, signal));
    const warnings = refuseAndWarn(joining, before, options);
    await refuseUnlessOpen(rpc, joining, call);
    for (const message of warnings) yield { type: 'warning', message };
  }
  yield { type: 'checked', joining: joining.node, alreadyMember };
  if (!alreadyMember) {
    yield { type: 'sent', address: options.on };
    await sendJoin(fleet, joining, options, signal);
  }
  const members = yield* waitForAgreement(all, joining.node, options, started, signal);
  return {
    node: joining.node,
    discoveryNode: options.discoveryNode,
    members,
    alreadyMember,
    took: fleet.clock.now() - started,
  };
}

async function sendJoin(
  fleet: Fleet,
  joining: NodeView,
  { on, discoveryNode }: JoinOptions,
  signal?: AbortSignal,
): Promise<void> {
  const command = { words: ['cluster', 'join'], arguments: [['discovery-node', discoveryNode]] } as const;
  // Reaching a discovery node that is not there takes the broker several seconds.
  const reply = await fleet
    .rpc(on)
    .call(command, { deadline: Math.max(fleet.deadline, 20_000), signal })
    .catch(explainInterruption);
  if (reply.code === 'join_unverified') return;
  if (reply.code !== 'join_refused') throw toFailure(on, reply);
  throw new Failure(
    'failed',
    'join_refused',
    `${joining.node} refused to join ${discoveryNode}, and gives no reason over HTTP`,
    {
      hint: `Either ${joining.node} (the joining node) is not empty: wipe its data; or it cannot reach ${discoveryNode}: check the spelling, the cookie and the Erlang ports. It checks in this order.`,
    },
  );
}

/** Until each member's own view lists each member as running. */
async function* waitForAgreement(
  fleet: Fleet,
  node: string,
  { discoveryNode, timeout }: JoinOptions,
  started: number,
  signal?: AbortSignal,
): AsyncGenerator<JoinEvent, string[]> {
  for (;;) {
    const view = mergeViews(await observe(fleet, signal).catch(explainInterruption));
    const missing = disagreements(view, node, discoveryNode);
    if (missing.length === 0) return view.members.map(({ name }) => name);
    const elapsed = fleet.clock.now() - started;
    yield { type: 'waiting', elapsed, missing };
    if (signal?.aborted) throw interrupted();
    if (elapsed > timeout) throw notAgreed(node, discoveryNode, view, missing);
    await fleet.clock.sleep(POLL, signal);
  }
}

const interrupted = () =>
  new Failure('interrupted', 'interrupted', 'stopped watching; the join, once sent, goes on', {
    hint: 'Look with vmqctl cluster show.',
  });

function explainInterruption(thrown: unknown): never {
  throw thrown instanceof Failure && thrown.kind === 'interrupted' ? interrupted() : thrown;
}

/** Who does not see whom yet, in words. Empty once everybody sees everybody, both of these included. */
function disagreements(view: ClusterView, node: string, discoveryNode: string): string[] {
  const absent = [node, discoveryNode].filter((name) => !view.members.some((member) => member.name === name));
  return [
    ...absent.map((name) => `nobody lists ${name}`),
    ...view.members.flatMap(({ name, seenBy, own }) => [
      ...(own === null ? [`no view from ${name}`] : []),
      ...Object.entries(seenBy).flatMap(([observer, seen]) =>
        seen === true ? [] : [`${observer} does not see ${name}`],
      ),
    ]),
  ];
}

function notAgreed(
  node: string,
  discoveryNode: string,
  view: ClusterView,
  missing: readonly string[],
): Failure {
  const [problem] = findProblems(view);
  return new Failure(
    'unknown',
    'not_agreed',
    `${node} was told to join ${discoveryNode}, but ${missing.slice(0, 3).join('; ')}`,
    {
      hint: problem ? `${problem.message}. ${problem.hint}` : 'Look again with vmqctl cluster show.',
      details: { missing },
    },
  );
}
