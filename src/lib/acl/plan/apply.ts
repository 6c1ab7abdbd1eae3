import { Failure } from '../../failure.js';
import type { AclStore, StoredValue } from '../store.js';
import { type Change, type ChangeKind, kindOf } from './change.js';

/** How the records are before a plan is applied. */
export interface Standing {
  readonly pending: readonly Change[];
  /** They are as the plan wants them already. */
  readonly already: readonly Change[];
  /** Keys that hold neither what the plan saw nor what it wants. */
  readonly moved: readonly string[];
}

/** What became of a plan. */
export interface Applied {
  readonly written: Readonly<Record<ChangeKind, number>>;
  readonly already: number;
  /** Keys that were changed by others while it was being applied: they were left alone. */
  readonly moved: readonly string[];
}

export interface ApplyProgress {
  readonly settled: number;
  readonly total: number;
}

const READ_AT_A_TIME = 1000;
/** So many are written whole or not at all; others who write one of them meanwhile make it begin again. */
const WRITTEN_AT_A_TIME = 100;
/** Of what moved so many are named. */
const NAMED = 5;

/** Looks at all records of a plan. @throws Failure: those of the store */
export async function standingOf(
  store: Pick<AclStore, 'read'>,
  changes: readonly Change[],
): Promise<Standing> {
  const standing = { pending: [] as Change[], already: [] as Change[], moved: [] as string[] };
  for (let at = 0; at < changes.length; at += READ_AT_A_TIME) {
    const page = changes.slice(at, at + READ_AT_A_TIME);
    const values = await store.read(page.map(({ key }) => key));
    for (const [index, change] of page.entries()) {
      if (holds(values[index], change.found)) standing.pending.push(change);
      else if (holds(values[index], change.write)) standing.already.push(change);
      else standing.moved.push(change.key);
    }
  }
  return standing;
}

const holds = (value: StoredValue | undefined, text: string | null): boolean =>
  text === null ? value === undefined : value?.kind === 'text' && value.text === text;

/** @throws Failure (safety) where a record is not what the plan saw: nothing was changed */
export function assertUnmoved({ moved }: Standing): void {
  if (moved.length === 0) return;
  const more = moved.length > NAMED ? ` and ${moved.length - NAMED} more` : '';
  const named = `${moved.slice(0, NAMED).join(', ')}${more}`;
  throw new Failure(
    'safety',
    'records_moved',
    `not what the plan saw any more, so nothing was written: ${named}`,
    {
      hint: 'Somebody else has written there. Make a new plan, and look at it.',
      details: { moved },
    },
  );
}

/**
 * Writes changes, each only where the record is what the plan saw.
 *
 * @throws Failure: those of the store, and interrupted; then it is said how far it came, and the same changes again go on
 */
export async function* applyChanges(
  store: Pick<AclStore, 'exchange'>,
  changes: readonly Change[],
  signal: AbortSignal,
): AsyncGenerator<ApplyProgress, Applied> {
  const written = { added: 0, changed: 0, removed: 0 };
  const moved: string[] = [];
  let already = 0;
  for (let at = 0; at < changes.length; at += WRITTEN_AT_A_TIME) {
    const page = changes.slice(at, at + WRITTEN_AT_A_TIME);
    const soFar = { inPlace: countAll(written) + already, total: changes.length, moved };
    const outcomes = await exchanged(store, page, soFar, signal);
    for (const [index, change] of page.entries()) {
      if (outcomes[index] === 'written') written[kindOf(change)] += 1;
      else if (outcomes[index] === 'already') already += 1;
      else moved.push(change.key);
    }
    yield { settled: at + page.length, total: changes.length };
  }
  return { written, already, moved };
}

const countAll = ({ added, changed, removed }: Applied['written']): number => added + changed + removed;

/** How far it has come, for who is told that it comes no further. */
interface SoFar {
  readonly inPlace: number;
  readonly total: number;
  readonly moved: readonly string[];
}

async function exchanged(
  store: Pick<AclStore, 'exchange'>,
  page: readonly Change[],
  soFar: SoFar,
  signal: AbortSignal,
) {
  try {
    if (signal.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
    return await store.exchange(page);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'bug') throw thrown;
    throw endedEarly(thrown, soFar);
  }
}

function endedEarly(failure: Failure, { inPlace, total, moved }: SoFar): Failure {
  const { kind, code, message, hint, cause, details } = failure;
  // Of the page that failed, too: in a cluster some of its servers may have done their part.
  const settled = inPlace + Number(details?.settled ?? 0);
  const advice = [hint, settled > 0 ? 'The same command again goes on from there.' : undefined];
  return new Failure(kind, code, `${message}; ${settled} of ${total} changes are in place`, {
    hint: advice.filter((text) => text !== undefined).join(' ') || undefined,
    cause,
    details: { ...details, settled, total, moved },
  });
}
