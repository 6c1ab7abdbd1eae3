import { type LineBatch, LONGEST_LINE, type Position, withoutReturn } from '../lines.js';

/** A line as it stands in the input; undefined for one that cannot be read. */
export type Line = string | undefined;

/** How far a record goes: the number of its lines, and why it is none where that is known already. */
export interface Reach {
  readonly lines: number;
  readonly why?: string | undefined;
}

/**
 * Finds the end of the record that begins at `lines[at]`. Undefined where that has not come yet: never at the end of the
 * input, nor where one of its lines cannot be read.
 */
export type FindReach = (lines: readonly Line[], at: number, isEnd: boolean) => Reach | undefined;

const TOO_LONG = `it is longer than ${LONGEST_LINE} bytes`;

/**
 * Puts together the lines that make one record. It stands in the place of its first line, and the others of it are empty:
 * so every record has its line, and the end of a batch is always that of a record.
 *
 * @param batches with lines that end with `\n` alone
 */
export async function* groupLines(
  batches: AsyncIterable<LineBatch>,
  reach: FindReach,
): AsyncGenerator<LineBatch> {
  let held: Held | undefined;
  let latest: LineBatch | undefined;
  for await (const batch of batches) {
    if (latest) {
      const { batch: whole, rest } = group(join(held, latest), reach, false);
      held = rest;
      if (whole.texts.length > 0) yield whole;
    }
    // Only where another one follows, it is known that its last line has an end.
    latest = batch;
  }
  if (latest) yield group(join(held, latest), reach, true).batch;
}

/** Lines that no record was made of yet. */
interface Held {
  readonly start: Position;
  readonly end: Position;
  readonly lines: readonly Line[];
  readonly problems: ReadonlyMap<number, string>;
}

function join(held: Held | undefined, { start, end, texts, problems }: LineBatch): Held {
  const before = held?.lines ?? [];
  const lines = texts.map((text, index) => (problems.has(index) ? undefined : text));
  const moved = [...problems].map(([index, why]) => [index + before.length, why] as const);
  return {
    start: held?.start ?? start,
    end,
    lines: before.length === 0 ? lines : [...before, ...lines],
    problems: new Map([...(held?.problems ?? []), ...moved]),
  };
}

function group(held: Held, reach: FindReach, isEnd: boolean) {
  const { start, end, lines } = held;
  const texts: string[] = [];
  const problems = new Map<number, string>();
  let at = 0;
  while (at < lines.length) {
    const found = lines[at] === undefined ? { lines: 1 } : reachWithin(lines, at, isEnd, reach);
    if (!found) break;
    const why = found.why ?? held.problems.get(at);
    if (why !== undefined) problems.set(at, why);
    texts.push(why === undefined ? textOf(lines, at, found.lines) : '');
    for (let more = 1; more < found.lines; more += 1) texts.push('');
    at += found.lines;
  }
  const rest = restOf(held, at);
  return { batch: { start, end: rest?.start ?? end, texts, problems }, rest };
}

/** Nobody waits for the end of what is too long to be a record. */
function reachWithin(
  lines: readonly Line[],
  at: number,
  isEnd: boolean,
  reach: FindReach,
): Reach | undefined {
  const found = reach(lines, at, isEnd);
  if (found || bytesOf(lines, at) <= LONGEST_LINE) return found;
  const forced = reach(lines, at, true);
  return forced && forced.lines > 1 ? { why: TOO_LONG, lines: forced.lines } : forced;
}

const textOf = (lines: readonly Line[], at: number, length: number): string =>
  withoutReturn(length === 1 ? (lines[at] ?? '') : lines.slice(at, at + length).join('\n'));

/** The lines from here on. Their bytes are counted back from the end: of what was read, nothing else is known. */
function restOf({ start, end, lines, problems }: Held, at: number): Held | undefined {
  if (at === lines.length) return undefined;
  const later = [...problems].flatMap(([index, why]) => (index < at ? [] : [[index - at, why] as const]));
  const place = at === 0 ? start : { bytes: end.bytes - bytesOf(lines, at), line: start.line + at };
  return { start: place, end, lines: lines.slice(at), problems: new Map(later) };
}

function bytesOf(lines: readonly Line[], at: number): number {
  let bytes = 0;
  for (let index = at; index < lines.length; index += 1) bytes += Buffer.byteLength(lines[index] ?? '') + 1;
  return bytes;
}
