import type { ProofOutcome } from '../../cluster/prove/prove.js';
import type { FailureKind } from '../../failure.js';
import { type Note, note } from '../view.js';

/** Of each outcome so many records are named. */
const NAMED = 20;

/** The member `proof` of a document. */
export function proofMembers({ records, failure }: ProofOutcome) {
  const error = failure && { code: failure.code, message: failure.message, hint: failure.hint ?? null };
  return { ...countsOf(records), records, error };
}

const countsOf = (records: ProofOutcome['records']) => ({
  proven: records.filter(({ outcome }) => outcome === 'proven').length,
  refuted: records.filter(({ outcome }) => outcome === 'refuted').length,
  notProvable: records.filter(({ outcome }) => outcome === 'not-provable').length,
});

export function proofNotes({ records, failure }: ProofOutcome): Note[] {
  const { proven, refuted, notProvable } = countsOf(records);
  const named = (outcome: string) => records.filter((one) => one.outcome === outcome).slice(0, NAMED);
  if (records.length === 0 && !failure)
    return [note('no record was proven: this command has changed none', 'dim')];
  return [
    note(
      `${proven} records proven, ${refuted} refuted, ${notProvable} not provable`,
      refuted > 0 ? 'bad' : 'good',
    ),
    ...named('refuted').map(({ key, why }) => note(`refuted: ${key}: ${why}`, 'bad')),
    ...named('proven').map(({ key, why }) => note(`proven: ${key}: ${why}`, 'dim')),
    ...named('not-provable').map(({ key, why }) => note(`not provable: ${key}: ${why}`, 'dim')),
    ...(failure ? [note(`error: not all was tried: ${failure.message}`, 'bad')] : []),
  ];
}

/** What kind of failure it amounts to, if it is one. */
export function proofKind({ records, failure }: ProofOutcome): FailureKind | undefined {
  if (records.some(({ outcome }) => outcome === 'refuted')) return 'failed';
  return failure?.kind;
}
