import { bcryptHashing, noHashing } from '../acl/bulk/hashing.js';
import type { Hashing } from '../acl/bulk/settle.js';
import { assertWhole, type Desired, faultText, readDesired } from '../acl/plan/desired.js';
import type { Fault } from '../acl/plan/desired-files.js';
import { type Planned, planRecords } from '../acl/plan/make.js';
import type { AclStore } from '../acl/store.js';
import type { PlanFlags } from './acl-plan-flags.js';
import { printable } from './printable.js';
import { ProgressLine } from './progress.js';
import { type Streams, say } from './streams.js';

/** How a plan is made of files, and what is told meanwhile. */
export interface Planning {
  readonly path: string;
  readonly flags: PlanFlags;
  /** Opened only once the desired records are sound. */
  readonly openStore: () => Promise<AclStore>;
  /** Whether the texts of the plan will be written: only then passwords are hashed. */
  readonly isForUse: boolean;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

export interface PlanOfFiles extends Planned {
  readonly desired: Desired['records'];
  readonly store: AclStore;
}

/**
 * Reads desired records and compares them with Redis. All faults are told on stderr.
 *
 * @throws Failure: data where there are faults; those of reading and of the store
 */
export async function planFiles(planning: Planning): Promise<PlanOfFiles> {
  const { path, flags, isForUse, streams, signal } = planning;
  const desired = await readDesired(path, { topicMaxDepth: flags['topic-max-depth'] });
  await refuseFaults(desired.faults, streams);
  const store = await planning.openStore();
  const hashing = isForUse ? bcryptHashing(flags.cost, flags['hash-once']) : SHOWN_ONLY;
  const context = { store, desired: desired.records, hashing, prune: flags.prune, signal };
  const planned = await followPlan(planRecords(context), streams);
  await refuseFaults(planned.faults, streams);
  return { ...planned, desired: desired.records, store };
}

/** A new hash that nobody will see: like no other. */
const SHOWN_ONLY: Hashing = {
  ...noHashing,
  hash: async (password) => `new${await noHashing.hash(password)}`,
};

/** Hashing may take long: on a terminal it is told how far it is. */
async function followPlan(steps: ReturnType<typeof planRecords>, streams: Streams): Promise<Planned> {
  const line = new ProgressLine(streams.err, streams.errIsTerminal);
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
      const { compared, total } = step.value;
      if (streams.errIsTerminal) await line.update(`${compared} of ${total} records compared`);
    }
  } finally {
    await line.end();
  }
}

async function refuseFaults(faults: readonly Fault[], { err }: Streams): Promise<void> {
  // One alone is in the message of the failure.
  if (faults.length > 1) for (const fault of faults) await say(err, `${printable(faultText(fault))}\n`);
  assertWhole(faults);
}
