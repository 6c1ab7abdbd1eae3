import { type Applied, applyChanges, assertUnmoved, type Standing, standingOf } from '../acl/plan/apply.js';
import { countKinds } from '../acl/plan/change.js';
import type { Plan } from '../acl/plan/plan-file.js';
import { narrowUndo, writeUndo } from '../acl/plan/undo.js';
import type { AclStore } from '../acl/store.js';
import { shellQuoted } from '../admin/ssh/quote.js';
import type { Unfinished } from '../cluster/bounce/unfinished.js';
import { Failure } from '../failure.js';
import { noting } from './acl-noting.js';
import { ProgressLine } from './progress.js';
import type { Streams } from './streams.js';

/** How a plan is applied. */
export interface Applying {
  readonly store: AclStore;
  readonly plan: Plan;
  readonly dryRun: boolean;
  /** Where the undo goes, if not into `folder`, where vmqctl keeps what it is doing. */
  readonly undo: string | undefined;
  readonly folder: string;
  /** Asks before anything is written. @throws Failure when the answer is no */
  readonly consent: (standing: Standing) => Promise<void>;
  /** Where it is noted whose clients are to be disconnected; undefined where none is. */
  readonly unfinished: Unfinished | undefined;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

export interface AppliedPlan extends Applied {
  readonly undo: string | null;
}

/**
 * Checks all records of a plan, writes its undo, then what it says.
 *
 * @throws Failure: safety where a record is not what the plan saw, those of the store and of the undo file
 */
export async function applyPlan(applying: Applying): Promise<AppliedPlan> {
  const { store, plan, dryRun, signal } = applying;
  const standing = await standingOf(store, plan.changes);
  assertUnmoved(standing);
  const { pending, already } = standing;
  if (dryRun) return { written: countKinds(pending), already: already.length, moved: [], undo: null };
  if (plan.changes.length === 0) return { written: countKinds([]), already: 0, moved: [], undo: null };
  if (pending.length > 0) await applying.consent(standing);
  const written = await writeUndo(plan, applying.undo, applying.folder);
  // What is in place already is brought into force as well.
  const keys = plan.changes.map(({ key }) => key);
  const change = () =>
    namingUndo(followChanges(applyChanges(store, pending, signal), applying.streams), written);
  const applied = await noting(applying.unfinished, keys, change);
  const undo = await narrowUndo(written, plan, applied.moved);
  return { ...applied, already: applied.already + already.length, undo };
}

/** Who is left half-way should know the way back. */
async function namingUndo<T>(changing: Promise<T>, undo: string): Promise<T> {
  try {
    return await changing;
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'bug') throw thrown;
    const { kind, code, message, hint, cause, details } = thrown;
    const wayBack = `To bring back what was: vmqctl acl apply ${shellQuoted(undo)}`;
    throw new Failure(kind, code, message, {
      hint: hint === undefined ? wayBack : `${hint} ${wayBack}`,
      cause,
      details: { ...details, undo },
    });
  }
}

async function followChanges(steps: ReturnType<typeof applyChanges>, streams: Streams): Promise<Applied> {
  const line = new ProgressLine(streams.err, streams.errIsTerminal);
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
      const { settled, total } = step.value;
      if (streams.errIsTerminal) await line.update(`${settled} of ${total} records written`);
    }
  } finally {
    await line.end();
  }
}
