import { type LineBatch, LONGEST_LINE, type Position, withoutReturn } from '../lines.js';

/** Lines as they stand in the input. */
export interface Lines {
  readonly texts: readonly string[];
  /** Index → why that line cannot be read; its text has no more than its first characters then. */
  readonly problems: ReadonlyMap<number, string>;
}

/** How far a record goes: the number of its lines, and why it is none where that is known already. */
export interface Reach {
  readonly lines: number;
  readonly why?: string | undefined;
}

/**
 * Finds the end of the record that begins in the line `at`. Undefined where that has not come yet: never at the end of the
 * input, nor where one of its lines cannot be read.
 */
export type FindReach = (lines: Lines, at: number, isEnd: boolean) => Reach | undefined;

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
interface Held extends Lines {
  readonly start: Position;
  readonly end: Position;
}

function join(held: Held | undefined, batch: LineBatch): Held {
  if (!held) return batch;
  const before = held.texts.length;
  const moved = [...batch.problems].map(([index, why]) => [index + before, why] as const);
  return {
    start: held.start,
    end: batch.end,
    texts: [...held.texts, ...batch.texts],
    problems: new Map([...held.problems, ...moved]),
  };
}

function group(held: Held, reach: FindReach, isEnd: boolean) {
  const { start, end } = held;
  const texts: string[] = [];
  const problems = new Map<number, string>();
  let at = 0;
  while (at < held.texts.length) {
    const found = reachWithin(held, at, isEnd, reach);
    if (!found) break;
    const why = held.problems.get(at) ?? found.why;
    if (why !== undefined) problems.set(at, why);
    texts.push(why === undefined ? textOf(held.texts, at, found.lines) : '');
    for (let more = 1; more < found.lines; more += 1) texts.push('');
    at += found.lines;
  }
  const rest = restOf(held, at);
  return { batch: { start, end: rest?.start ?? end, texts, problems }, rest };
}

/** Nobody waits for the end of what is too long to be a record. */
function reachWithin(lines: Lines, at: number, isEnd: boolean, reach: FindReach): Reach | undefined {
  const found = reach(lines, at, isEnd);
  if (found || bytesOf(lines.texts, at) <= LONGEST_LINE) return found;
  const forced = reach(lines, at, true);
  return forced && forced.lines > 1 ? { why: TOO_LONG, lines: forced.lines } : forced;
}

const textOf = (texts: readonly string[], at: number, length: number): string =>
  withoutReturn(length === 1 ? (texts[at] ?? '') : texts.slice(at, at + length).join('\n'));

/**
 * The lines from here on, all of which can be read. Their bytes are counted back from the end: of what was read, nothing
 * else is known.
 */
function restOf({ start, end, texts }: Held, at: number): Held | undefined {
  if (at === texts.length) return undefined;
  const place = at === 0 ? start : { bytes: end.bytes - bytesOf(texts, at), line: start.line + at };
  return { start: place, end, texts: texts.slice(at), problems: new Map() };
}

function bytesOf(texts: readonly string[], at: number): number {
  let bytes = 0;
  for (let index = at; index < texts.length; index += 1) bytes += Buffer.byteLength(texts[index] ?? '') + 1;
  return bytes;
}
