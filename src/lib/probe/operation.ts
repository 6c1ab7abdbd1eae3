import { Failure } from '../failure.js';
import { cleanUp } from './cleanup.js';
import { awaitSubscriptions, connectNodes, endConnections } from './connections.js';
import { explain } from './explain.js';
import { isClean } from './journal.js';
import { Matrix } from './messages.js';
import type { Extra, ProbeContext, Watchdog } from './options.js';
import { setRecords } from './provision.js';
import { type ProbeFindings, type ProbeReport, probedNodes, told, verdictOf } from './report.js';
import { probeRetained } from './retained.js';
import { Run, requireFailure } from './run.js';
import { probeShared } from './shared.js';
import { probeTakeovers } from './takeover.js';

export type ProbeEvent =
  | { readonly type: 'connected'; readonly node: string; readonly url: string; readonly took: number }
  | { readonly type: 'unconnected'; readonly node: string; readonly failure: Failure }
  | {
      readonly type: 'phase';
      readonly phase: 'provisioning' | 'connecting' | Extra | 'messages' | 'cleaning up';
    }
  | { readonly type: 'progress'; readonly round: number; readonly sent: number; readonly of: number }
  | {
      readonly type: 'round';
      readonly round: number;
      readonly sent: number;
      readonly lost: number;
      readonly worst: number | null;
    }
  | { readonly type: 'left'; readonly failure: Failure };

/**
 * Publishes and subscribes on every node, and leaves nothing behind: what is made is in the journal before, a watchdog
 * removes it if this process dies, and the next probe if that one dies too.
 *
 * @throws Failure when nothing was measured; what was not as it should be is in the report
 */
export async function* probeCluster(context: ProbeContext): AsyncGenerator<ProbeEvent, ProbeReport> {
  const { id, lock, clock, options, signal } = context;
  const run = new Run(context);
  const held = await lock(id);
  let watchdog: Watchdog | undefined;
  try {
    watchdog = mayLeaveAnything(context) ? await context.watchdog(id) : undefined;
    let findings: ProbeFindings | undefined;
    let trouble: unknown;
    try {
      findings = yield* measure(run);
    } catch (thrown) {
      trouble = thrown;
    }
    const left = yield* leaveNothing(run);
    if (findings === undefined) throw trouble;
    const problems = explain(findings, options.maxLatency);
    const leftBehind = left && told(left);
    return {
      id,
      protocol: options.protocol,
      startedAt: run.journal.startedAt,
      took: clock.now() - run.journal.startedAt,
      interrupted: signal.aborted,
      ...findings,
      problems,
      leftBehind,
      verdict: verdictOf(findings, problems, leftBehind),
    };
  } finally {
    await held.release();
    watchdog?.dismiss();
  }
}

const mayLeaveAnything = ({ options }: ProbeContext) =>
  options.provision !== undefined || options.extras.some((extra) => extra !== 'shared');

async function* measure(run: Run): AsyncGenerator<ProbeEvent, ProbeFindings> {
  const { endpoints, options } = run.context;
  yield* provision(run);
  yield* connect(run);
  const subscriptionsKnownAfter = await awaitSubscriptions(run);
  const shared = yield* extra(run, 'shared', probeShared);
  const retained = yield* extra(run, 'retained', probeRetained);
  const takeovers = yield* extra(run, 'takeover', probeTakeovers);
  yield { type: 'phase', phase: 'messages' };
  const matrix = new Matrix(run);
  do yield* oneRound(run, matrix);
  while (options.continuous && !run.isInterrupted);
  const nodes = probedNodes(endpoints, run.nodes);
  return {
    nodes,
    subscriptionsKnownAfter,
    rounds: matrix.rounds,
    pairs: matrix.pairs(),
    shared,
    retained,
    takeovers,
  };
}

async function* provision(run: Run): AsyncGenerator<ProbeEvent, void> {
  const { access, id, options } = run.context;
  if (options.provision === undefined) return;
  yield { type: 'phase', phase: 'provisioning' };
  const { redis, mountpoint } = options.provision;
  const store = await access.openStore(redis);
  try {
    await run.note({ records: { redis, mountpoint } });
    run.credentials = await setRecords(store, {
      id,
      prefix: options.prefix,
      mountpoint,
      nodes: run.nodes.length,
    });
  } finally {
    store.close();
  }
}

async function* connect(run: Run): AsyncGenerator<ProbeEvent, void> {
  yield { type: 'phase', phase: 'connecting' };
  await connectNodes(run);
  if (run.isInterrupted)
    throw new Failure('interrupted', 'interrupted', 'interrupted before anything was measured');
  for (const { node, failure } of run.context.endpoints)
    if (failure) yield { type: 'unconnected', node, failure };
  for (const { node, url, took, failure } of run.nodes) {
    if (failure) yield { type: 'unconnected', node, failure };
    else yield { type: 'connected', node, url, took: took ?? 0 };
  }
}

async function* extra<Result>(
  run: Run,
  phase: Extra,
  probe: (run: Run) => Promise<Result>,
): AsyncGenerator<ProbeEvent, Result | null> {
  if (!run.context.options.extras.includes(phase) || run.isInterrupted) return null;
  yield { type: 'phase', phase };
  return await probe(run);
}

async function* oneRound(run: Run, matrix: Matrix): AsyncGenerator<ProbeEvent, void> {
  const { clock, options, signal } = run.context;
  if (matrix.rounds > 0) {
    await connectNodes(run);
    // Without a node there is nothing to wait for in a round.
    if (run.connected.length === 0) await clock.sleep(options.wait, signal);
  }
  const before = total(matrix);
  for await (const progress of matrix.round()) yield { type: 'progress', ...progress };
  const { sent, lost, worst } = total(matrix);
  yield { type: 'round', round: matrix.rounds, sent: sent - before.sent, lost: lost - before.lost, worst };
}

function total(matrix: Matrix) {
  const all = matrix.pairs().map((pair) => pair.all);
  const sum = (of: 'sent' | 'lost') => all.reduce((count, one) => count + one[of], 0);
  return { sent: sum('sent'), lost: sum('lost'), worst: Math.max(...all.map(({ p99 }) => p99 ?? 0), 0) };
}

/** @returns why something may still be there */
async function* leaveNothing(run: Run): AsyncGenerator<ProbeEvent, Failure | null> {
  const { access, journals } = run.context;
  await endConnections(run);
  try {
    if (isClean(run.journal)) await journals.remove(run.journal.id);
    else {
      yield { type: 'phase', phase: 'cleaning up' };
      await cleanUp(access, journals, run.journal);
    }
    return null;
  } catch (thrown) {
    const failure = requireFailure(thrown);
    yield { type: 'left', failure };
    return failure;
  }
}
