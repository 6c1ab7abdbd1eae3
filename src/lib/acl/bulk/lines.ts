import { isUtf8 } from 'node:buffer';
import { Failure } from '../../failure.js';
import type { PackedPage } from './pack/packed-page.js';

/** In bytes. A row is small: what is longer is none, and is not held in memory. */
export const LONGEST_LINE = 1_048_576;

/** A place in an input: where a line begins, and which one it is, from 1. */
export interface Position {
  readonly bytes: number;
  readonly line: number;
}

export const BEGINNING: Position = { bytes: 0, line: 1 };

/** Whole lines, without their ends. */
export interface LineBatch {
  readonly start: Position;
  readonly end: Position;
  readonly texts: readonly string[];
  /** Index → why that line cannot be read; its text has no more than its first characters then. */
  readonly problems: ReadonlyMap<number, string>;
  /** The records of all of these lines, where each has one that can be packed. */
  readonly packed?: PackedPage;
}

/** Makes records of pieces of whole lines, which it copies; undefined where one line has none that can be packed. */
export type Pack = (pieces: readonly Buffer[]) => PackedPage | undefined;

/**
 * Splits an input into lines, as many at a time as come at once. Of a line that is too long nothing is kept.
 *
 * @param source what comes from `start` on; none of it is kept
 * @param ends what line ends are: with `\n` alone, a return before it is part of the line
 * @param pack is asked first: lines that it takes are read only if they are looked at
 * @throws Failure (data) for UTF-16, in which there are no lines to be found
 */
export async function* readLines(
  source: AsyncIterable<Buffer>,
  start: Position = BEGINNING,
  ends: '\n' | '\r\n' = '\r\n',
  pack: Pack = () => undefined,
): AsyncGenerator<LineBatch> {
  const splitter = new Splitter(start, ends === '\n' ? asItIs : withoutReturn, pack);
  for await (const chunk of source) {
    const batch = splitter.push(chunk);
    if (batch.end.line > batch.start.line) yield batch;
  }
  const rest = splitter.finish();
  if (rest.texts.length > 0) yield rest;
}

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
const TOO_LONG = `it is longer than ${LONGEST_LINE} bytes`;

class Splitter {
  /** The beginning of a line whose end has not come yet. */
  private rest: Buffer = EMPTY;
  /** How much of a line that is too long was let go already, and how that line begins. */
  private dropped = 0;
  private droppedHead = '';

  constructor(
    private position: Position,
    private readonly lineOf: LineOf,
    private readonly pack: Pack,
  ) {}

  push(chunk: Buffer): LineBatch {
    const first = chunk.indexOf(NEWLINE) + 1;
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    // The line that began in a chunk before is put together; the others are looked at where they are.
    const begun = first === 0 ? EMPTY : Buffer.concat([this.rest, chunk.subarray(0, first)]);
    const left = last === 0 ? Buffer.concat([this.rest, chunk]) : Buffer.from(chunk.subarray(last));
    const pieces = [begun, chunk.subarray(first, last)];
    const batch = this.takePacked(pieces) ?? this.take(Buffer.concat(pieces));
    this.rest = left;
    if (left.length > LONGEST_LINE) {
      if (this.dropped === 0) this.droppedHead = headOf(left);
      this.dropped += left.length;
      this.rest = EMPTY;
    }
    return batch;
  }

  /** The last line may have no end. */
  finish(): LineBatch {
    if (this.rest.length === 0 && this.dropped === 0) return this.take(EMPTY);
    return this.take(Buffer.concat([this.rest, Buffer.from('\n')]), 1);
  }

  private takePacked(pieces: readonly Buffer[]): LineBatch | undefined {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const packed = this.dropped === 0 && length > 0 ? this.pack(pieces) : undefined;
    if (!packed) return undefined;
    const { position: start, lineOf } = this;
    this.position = { bytes: start.bytes + length, line: start.line + packed.count };
    return new PackedBatch(start, this.position, packed, lineOf);
  }

  private take(bytes: Buffer, added = 0): LineBatch {
    const { position: start, dropped } = this;
    if (start.bytes === 0 && bytes.length > 0) refuseUtf16(bytes);
    const problems = new Map<number, string>();
    const texts = isUtf8(bytes) ? split(bytes, this.lineOf) : splitWithProblems(bytes, problems, this.lineOf);
    if (dropped > 0 && texts.length > 0) {
      texts[0] = this.droppedHead;
      problems.set(0, TOO_LONG);
      this.dropped = 0;
    }
    texts.forEach((text, index) => {
      if (text.length <= LONGEST_LINE) return;
      texts[index] = text.slice(0, HEAD);
      problems.set(index, TOO_LONG);
    });
    if (start.bytes === 0 && texts[0]?.startsWith('\uFEFF')) texts[0] = texts[0].slice(1);
    const length = texts.length > 0 ? dropped + bytes.length - added : 0;
    this.position = { bytes: start.bytes + length, line: start.line + texts.length };
    return { start, end: this.position, texts, problems };
  }
}

/** Lines whose texts are made only where somebody wants them. */
class PackedBatch implements LineBatch {
  readonly problems: ReadonlyMap<number, string> = new Map();

  constructor(
    readonly start: Position,
    readonly end: Position,
    readonly packed: PackedPage,
    private readonly lineOf: LineOf,
  ) {}

  get texts(): readonly string[] {
    return split(this.packed.lines, this.lineOf);
  }
}

type LineOf = (text: string) => string;

function split(bytes: Buffer, lineOf: LineOf): string[] {
  const texts = bytes.toString('utf8').split('\n');
  texts.pop();
  return texts.map(lineOf);
}

function splitWithProblems(bytes: Buffer, problems: Map<number, string>, lineOf: LineOf): string[] {
  const texts: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, from);
    const line = bytes.subarray(from, end);
    if (!isUtf8(line)) problems.set(texts.length, 'it is not UTF-8');
    texts.push(isUtf8(line) ? lineOf(line.toString('utf8')) : headOf(line));
    from = end + 1;
  }
  return texts;
}

/** Of a line that cannot be read: enough to tell whether it would begin a record. */
const HEAD = 2;
const headOf = (line: Buffer): string => line.toString('latin1', 0, HEAD);

const asItIs: LineOf = (text) => text;
export const withoutReturn: LineOf = (text) => (text.endsWith('\r') ? text.slice(0, -1) : text);

function refuseUtf16(bytes: Buffer): void {
  if (bytes.length < 2) return;
  const mark = bytes.readUInt16BE(0);
  if (mark !== 0xfffe && mark !== 0xfeff) return;
  throw new Failure('data', 'utf16', 'the input is UTF-16', {
    hint: 'Convert it first: iconv -f UTF-16 -t UTF-8.',
  });
}
