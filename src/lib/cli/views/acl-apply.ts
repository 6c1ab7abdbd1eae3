import type { Applied } from '../../acl/plan/apply.js';
import { shellQuoted } from '../../admin/ssh/quote.js';
import type { ProofOutcome } from '../../cluster/prove/prove.js';
import type { FailureKind } from '../../failure.js';
import type { BounceOutcome } from '../acl-bounce.js';
import { type Note, note, type View } from '../view.js';
import { bounceKind, bounceMembers, bounceNotes } from './acl-bounce.js';
import { proofKind, proofMembers, proofNotes } from './acl-prove.js';

/** What became of a plan that was applied. */
export interface ApplyReport extends Applied {
  readonly redis: string;
  readonly dryRun: boolean;
  /** Desired records that were as they should be; null where the plan was read from a file. */
  readonly unchanged: number | null;
  /** The plan that brings everything back; null where nothing was changed. */
  readonly undo: string | null;
  /** Null where no client was to be disconnected. */
  readonly sessions: BounceOutcome | null;
  /** Null where nothing was to be proven. */
  readonly proof: ProofOutcome | null;
}

/** The document `vmqctl.acl-apply/1`. */
export function applyView(report: ApplyReport): View {
  const { redis, dryRun, written, already, unchanged, moved, undo, sessions, proof } = report;
  return {
    document: {
      schema: 'vmqctl.acl-apply/1',
      redis,
      dryRun,
      written,
      already,
      unchanged,
      moved,
      undo,
      sessions: sessions && bounceMembers(sessions),
      proof: proof && proofMembers(proof),
    },
    table: {
      columns: moved.length > 0 ? ['Record', 'Outcome'] : [],
      rows: moved.map((key) => [key, 'left alone: others have changed it meanwhile']),
    },
    below: [
      note(applySummary(report), moved.length > 0 ? 'warning' : 'good'),
      ...undoNotes(report),
      ...(sessions ? bounceNotes(sessions) : []),
      ...(proof ? proofNotes(proof) : []),
    ],
  };
}

/** What kind of failure it amounts to, if it is one: the gravest of all. */
export function applyKind({ moved, sessions, proof }: ApplyReport): FailureKind | undefined {
  const refuted = proof && proofKind(proof);
  if (refuted) return refuted;
  const kind = sessions ? bounceKind(sessions) : undefined;
  return moved.length > 0 && (kind === undefined || kind === 'unknown') ? 'partial' : kind;
}

function applySummary({ written, already, unchanged, moved, dryRun }: ApplyReport): string {
  const { added, changed, removed } = written;
  const would = dryRun ? 'would be ' : '';
  const parts = [`${added} ${would}added`, `${changed} ${would}changed`, `${removed} ${would}removed`];
  if (already > 0) parts.push(`${already} in place already`);
  if (unchanged !== null) parts.push(`${unchanged} unchanged`);
  if (moved.length > 0) parts.push(`${moved.length} left alone, as others have changed them`);
  return parts.join(', ');
}

const undoNotes = ({ undo }: ApplyReport): Note[] =>
  undo === null
    ? []
    : [
        note(
          `to bring back what was: vmqctl acl apply ${shellQuoted(undo)} (it has passhashes in it)`,
          'dim',
        ),
      ];
