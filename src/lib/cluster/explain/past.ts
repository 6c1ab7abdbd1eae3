import type { Evidence } from './evidence.js';
import type { LogFinding } from './log-lines.js';

/** Of what is usual between two entries: so long a silence is no pause any more. */
const SILENCE = 3;
/** Milliseconds between two entries of one and the same event, at most. */
const ONE_EVENT = 10_000;

/** What the log says that goes on, as far as can be told: without what is older than a connection that stays. */
export function withoutPast(evidence: Evidence): Evidence {
  const kinds = new Set(evidence.findings.map(({ kind }) => kind));
  const over = new Set([...kinds].filter((kind) => isOver(evidence, kind)));
  return { ...evidence, findings: evidence.findings.filter(({ kind }) => !over.has(kind)) };
}

function isOver({ findings, history, sightings }: Evidence, kind: LogFinding['kind']): boolean {
  const times = timesOf(findings.filter((finding) => finding.kind === kind));
  const last = times.at(-1);
  if (last === undefined) return false;
  const usual = SILENCE * medianGap(times);
  const [connection] = history.connections;
  if (connection && history.connections.length === 1 && history.away === 0) {
    const since = connection.row.startedAt;
    return since !== null && since > last && (sightings.at(-1)?.at ?? 0) - last > usual;
  }
  const newest = timesOf(findings).at(-1) ?? last;
  return newest - last > Math.max(ONE_EVENT, usual);
}

const timesOf = (findings: readonly LogFinding[]): number[] =>
  findings.flatMap(({ time }) => time ?? []).sort((one, other) => one - other);

function medianGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
}
