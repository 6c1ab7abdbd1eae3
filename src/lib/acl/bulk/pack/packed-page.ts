import type { PackedRecords } from '../../store.js';
import { type Source, sourceOf } from './bytes.js';

/** Bytes for the beginning of the command, which is known when all records are. */
const HEAD = 64;
const FIRST_SIZE = 524_288;
/** The longest `$1234567890\r\n`, the end of the argument, and what is written too much. */
const FRAME = 24;
const DOLLAR = 0x24;
const ZERO = 0x30;

/** Texts of which an argument consists. They are used over and over: a new object for each would cost more than the rest. */
export class Pieces {
  readonly views: DataView[];
  readonly from: Int32Array;
  readonly to: Int32Array;

  /** @param fixed all pieces in their order, undefined for those that are set for each record */
  constructor(fixed: readonly (string | undefined)[]) {
    const sources = fixed.map((text = '') => sourceOf(Buffer.from(text)));
    this.views = sources.map(({ view }) => view);
    this.from = new Int32Array(fixed.length);
    this.to = Int32Array.from(sources, ({ length }) => length);
  }

  set(index: number, { view }: Source, from: number, to: number): void {
    this.views[index] = view;
    this.from[index] = from;
    this.to[index] = to;
  }
}

/** Records as Redis is sent them: key and text of each, as the arguments of one command. */
export class PackedPage implements PackedRecords {
  count = 0;
  private bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  private view = viewOf(this.bytes);
  private end = HEAD;
  /** Where each key begins and ends. */
  private readonly keys: number[] = [];

  /** @param done takes it back when it is released */
  constructor(private readonly done: (page: PackedPage) => void) {}

  clear(): void {
    this.count = 0;
    this.end = HEAD;
    this.keys.length = 0;
  }

  /** Its bytes may be used again, for other records. */
  release(): void {
    this.done(this);
  }

  add(key: Pieces, text: Pieces): void {
    const length = this.argument(key);
    const end = this.end - 2;
    this.keys.push(end - length, end);
    this.argument(text);
    this.count += 1;
  }

  /** Calls with the bytes of each key. */
  forEachKey(visit: (view: DataView, from: number, to: number, index: number) => void): void {
    for (let index = 0; index < this.count; index += 1)
      visit(this.view, this.keys[2 * index] ?? 0, this.keys[2 * index + 1] ?? 0, index);
  }

  asCommand(name: string): Buffer {
    const head = `*${2 * this.count + 1}\r\n$${name.length}\r\n${name}\r\n`;
    const start = HEAD - head.length;
    this.bytes.write(head, start, 'latin1');
    return this.bytes.subarray(start, this.end);
  }

  /** @returns its length */
  private argument(pieces: Pieces): number {
    const length = lengthOf(pieces);
    this.makeRoom(length + FRAME);
    const { view } = this;
    const { views, from, to } = pieces;
    let at = writeLength(this.bytes, this.end, length);
    for (let index = 0; index < views.length; index += 1) {
      at = copy(views[index] as DataView, from[index] as number, to[index] as number, view, at);
    }
    this.bytes[at] = 0x0d;
    this.bytes[at + 1] = 0x0a;
    this.end = at + 2;
    return length;
  }

  private makeRoom(length: number): void {
    if (this.end + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * this.bytes.length + length);
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

/**
 * Four bytes at a time, up to three too many: a call of the library for so few bytes takes longer than copying them.
 *
 * @returns where they end
 */
function copy(source: DataView, from: number, to: number, target: DataView, start: number): number {
  let at = start;
  for (let next = from; next < to; next += 4, at += 4) target.setInt32(at, source.getInt32(next, true), true);
  return start + to - from;
}

function lengthOf({ from, to }: Pieces): number {
  let length = 0;
  for (let index = 0; index < from.length; index += 1)
    length += (to[index] as number) - (from[index] as number);
  return length;
}

/** Writes `$123\r\n`. @returns where it ends */
function writeLength(bytes: Uint8Array, at: number, length: number): number {
  let digits = 1;
  for (let rest = length; rest >= 10; rest = Math.trunc(rest / 10)) digits += 1;
  bytes[at] = DOLLAR;
  let rest = length;
  for (let place = at + digits; place > at; place -= 1) {
    bytes[place] = ZERO + (rest % 10);
    rest = Math.trunc(rest / 10);
  }
  bytes[at + digits + 1] = 0x0d;
  bytes[at + digits + 2] = 0x0a;
  return at + digits + 3;
}
