import { Failure } from '../../failure.js';
import type { Fleet } from '../observe.js';
import { findProblems } from '../problems/find.js';
import { lookAround } from '../reach.js';
import type { Cause } from './causes/cause.js';
import type { Check } from './check.js';
import { linkChecks } from './checks/links.js';
import { viewChecks } from './checks/views.js';
import { diagnose } from './diagnose.js';
import { noEvidence } from './evidence.js';
import { type Finding, type Status, unknown, worst } from './finding.js';
import { gather } from './gather.js';
import type { Thresholds } from './options.js';
import type { Probes } from './probes.js';
import { lookUntilSettled } from './settle.js';
import { Survey } from './survey.js';

export interface CheckResult extends Finding {
  readonly name: string;
}

export interface CheckReport {
  readonly status: Status;
  readonly members: readonly string[];
  /** The most certain first. */
  readonly causes: readonly Cause[];
  readonly checks: readonly CheckResult[];
}

export interface CheckRequest {
  readonly fleet: Fleet;
  readonly probes: Probes;
  readonly checks: readonly Check[];
  readonly thresholds: Thresholds;
  /** Told what may pass by itself, before it is looked at again. */
  readonly onPassing?: ((why: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The checks whose findings the causes explain; for others neither ports nor logs are looked at. */
const DIAGNOSED = new Set([...viewChecks, ...linkChecks].map(({ name }) => name));

/** Questions that one check may ask one after the other. */
const ROUNDS = 3;

/**
 * Looks at the cluster once, and runs all checks at the same time, each with its own deadline.
 *
 * @throws Failure when no node answers at all, or when interrupted
 */
export async function checkCluster({
  fleet,
  probes,
  checks,
  thresholds,
  onPassing,
  signal,
}: CheckRequest): Promise<CheckReport> {
  const looksAtLinks = checks.some(({ name }) => DIAGNOSED.has(name));
  const look = async (hasLasted: boolean) => {
    const view = await lookAround(fleet, signal);
    const found = looksAtLinks ? await gather(fleet, view, probes, signal) : { view, ...noEvidence };
    const evidence = { ...found, hasLasted };
    return { evidence, problems: findProblems(view), causes: diagnose(evidence) };
  };
  const settle = looksAtLinks ? thresholds.settle : 0;
  const { evidence, problems, causes } = await lookUntilSettled(look, fleet, settle, { onPassing, signal });
  const { view } = evidence;
  const survey = new Survey(fleet, evidence, problems, causes, probes, thresholds.sample, signal);
  const deadline = ROUNDS * fleet.deadline + thresholds.sample;
  const results = await Promise.all(
    checks.map(async (check) => ({
      name: check.name,
      ...(await withDeadline(check.run(survey, thresholds), deadline, fleet)),
    })),
  );
  if (signal?.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
  return {
    status: worst(results.map(({ status }) => status)),
    members: view.members.map(({ name }) => name),
    causes: looksAtLinks ? causes : [],
    checks: results,
  };
}

async function withDeadline(work: Promise<Finding>, deadline: number, { clock }: Fleet): Promise<Finding> {
  const done = new AbortController();
  const late = clock
    .sleep(deadline, done.signal)
    .then(() =>
      unknown(
        `no answer within ${Math.round(deadline / 1000)} s`,
        [],
        'Give the nodes longer with --deadline.',
      ),
    );
  try {
    return await Promise.race([work.catch(asUnknown), late]);
  } finally {
    done.abort();
  }
}

/** What a check could not do is its finding. */
function asUnknown(thrown: unknown): Finding {
  if (thrown instanceof Failure && thrown.kind !== 'interrupted')
    return unknown(thrown.message, [], thrown.hint);
  throw thrown;
}
