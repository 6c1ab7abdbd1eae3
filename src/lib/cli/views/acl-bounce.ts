import type { BouncedSession } from '../../cluster/bounce/affected.js';
import type { BounceReport } from '../../cluster/bounce/bounce.js';
import type { Failure, FailureKind } from '../../failure.js';
import type { BounceOutcome } from '../acl-bounce.js';
import { type Note, note } from '../view.js';

/** Of the clients that are not back so many are named. */
const NAMED = 20;

/** The member `sessions` of a document. */
export function bounceMembers({ report, failure, noteFailure, unseen, resumed }: BounceOutcome) {
  const told = failure ?? noteFailure;
  const error = told && { code: told.code, message: told.message, hint: told.hint ?? null };
  return { ...report, error, nodesNotSeen: unseen, resumed };
}

export function bounceNotes({ report, failure, noteFailure, unseen, resumed }: BounceOutcome): Note[] {
  const taken = `with the clients of ${resumed} records that commands before this one have not seen to`;
  return [
    ...(report && resumed > 0 ? [note(taken, 'dim')] : []),
    ...(unseen.length > 0
      ? [note(`warning: not all see ${unseen.join(', ')}: clients there may be missing here`, 'warning')]
      : []),
    ...(report ? reportNotes(report) : []),
    ...(failure ? failureNotes(failure) : []),
    ...(noteFailure ? noteFailureNotes(noteFailure) : []),
  ];
}

const failureNotes = ({ message }: Failure): Note[] => [
  note(`error: the records are in place, but not all clients were seen to: ${message}`, 'bad'),
  note('The same command again disconnects the clients that are affected.', 'warning'),
];

const noteFailureNotes = ({ message, hint }: Failure): Note[] => [
  note(`error: what became of the clients could not be noted: ${message}`, 'bad'),
  note([hint, 'The same command again disconnects them again.'].filter(Boolean).join(' '), 'warning'),
];

function reportNotes({ affected, disconnected, back, notBack, lockedOut, failed }: BounceReport): Note[] {
  const parts = [`${affected} clients affected`, `${disconnected} disconnected`, `${back.length} back`];
  if (lockedOut.length > 0) parts.push(`${lockedOut.length} out for good, as no record lets them in`);
  if (notBack.length > 0) parts.push(`${notBack.length} not back`);
  if (failed.length > 0) parts.push(`${failed.length} failed`);
  const isGood = notBack.length + failed.length === 0;
  return [
    note(parts.join(', '), isGood ? 'good' : 'warning'),
    ...firstOf(notBack).map((session) => note(`not back: ${sessionText(session)}`, 'warning')),
    ...firstOf(failed).map((session) => note(`failed: ${sessionText(session)}: ${session.why}`, 'bad')),
  ];
}

const firstOf = <Session>(sessions: readonly Session[]) => sessions.slice(0, NAMED);

const sessionText = ({ clientId, mountpoint, user, node }: BouncedSession): string =>
  `${clientId} of ${user}${mountpoint === '' ? '' : ` in ${mountpoint}`}, last on ${node}`;

/** What kind of failure it amounts to, if it is one. */
export function bounceKind({ report, failure, noteFailure }: BounceOutcome): FailureKind | undefined {
  const gravest = failure ?? noteFailure;
  if (gravest) return gravest.kind;
  if (report && report.failed.length > 0) return 'partial';
  return report && report.notBack.length > 0 ? 'unknown' : undefined;
}
