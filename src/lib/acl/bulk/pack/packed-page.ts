import type { PackedRecords } from '../../store.js';
import { copy, Literal, SLACK } from './bytes.js';
import { FIELDS, PASSHASH } from './line-shape.js';
import type { Values } from './values.js';

/** Bytes for the beginning of the command, which is known when all records are. */
const HEAD = 64;
const FIRST_SIZE = 524_288;
const FIRST_COUNT = 2048;
/** The longest `$1234567890\r\n`, the end of the argument, and what is written too much. */
const FRAME = 24;
const DOLLAR = 0x24;
const ZERO = 0x30;

/** What stands before each value where a record is written, by its place in FIELDS, and after the last ones. */
const BEFORE = ['["', '","', '","', '{"passhash":"', '","subscribe_acl":', ',"publish_acl":'].map(
  (text) => new Literal(text),
);
const KEY_END = new Literal('"]');
const TEXT_END = new Literal('}');
const END = new Literal('\r\n');

/** Records as Redis is sent them: key and text of each, as the arguments of one command. */
export class PackedPage implements PackedRecords {
  count = 0;
  private bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  private view = viewOf(this.bytes);
  private end = HEAD;
  private given: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  private givenLength = 0;
  /** Where each key begins and ends. */
  private keys = new Int32Array(2 * FIRST_COUNT);

  /** @param done takes it back when it is released */
  constructor(private readonly done: (page: PackedPage) => void) {}

  /** The lines of which the records are made. */
  get lines(): Buffer {
    return this.given.subarray(0, this.givenLength);
  }

  /** Is empty, with a copy of these lines. */
  begin(lines: readonly Buffer[]): void {
    this.count = 0;
    this.end = HEAD;
    this.givenLength = lines.reduce((sum, { length }) => sum + length, 0);
    if (this.givenLength + SLACK > this.given.length)
      this.given = Buffer.allocUnsafeSlow(this.givenLength + FIRST_SIZE);
    let at = 0;
    for (const piece of lines) at += piece.copy(this.given, at);
  }

  /** Its bytes may be used again, for other records. */
  release(): void {
    this.done(this);
  }

  add(values: Values): void {
    this.makeRoom(argumentLength(values, 0, FIELDS.length) + 2 * FRAME);
    const key = this.addArgument(values, 0, PASSHASH, KEY_END);
    this.keys[2 * this.count] = key;
    this.keys[2 * this.count + 1] = this.end - END.length;
    this.addArgument(values, PASSHASH, FIELDS.length, TEXT_END);
    this.count += 1;
  }

  /** Calls with the bytes of each key. */
  forEachKey(visit: (view: DataView, from: number, to: number, index: number) => void): void {
    for (let index = 0; index < this.count; index += 1)
      visit(this.view, this.keys[2 * index] as number, this.keys[2 * index + 1] as number, index);
  }

  asCommand(name: string): Buffer {
    const head = `*${2 * this.count + 1}\r\n$${name.length}\r\n${name}\r\n`;
    const start = HEAD - head.length;
    this.bytes.write(head, start, 'latin1');
    return this.bytes.subarray(start, this.end);
  }

  /**
   * Adds what consists of some of the values.
   *
   * @returns where it begins
   */
  private addArgument(values: Values, first: number, next: number, last: Literal): number {
    const { view } = this;
    const start = writeLength(view, this.end, argumentLength(values, first, next) + last.length);
    let at = start;
    for (let field = first; field < next; field += 1) {
      at = (BEFORE[field] as Literal).putInto(view, at);
      at = copy(
        values.views[field] as DataView,
        values.from[field] as number,
        values.to[field] as number,
        view,
        at,
      );
    }
    this.end = END.putInto(view, last.putInto(view, at));
    return start;
  }

  private makeRoom(length: number): void {
    if (2 * this.count === this.keys.length) {
      const more = new Int32Array(2 * this.keys.length);
      more.set(this.keys);
      this.keys = more;
    }
    if (this.end + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * this.bytes.length + length);
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

/** Without what stands after the last value. */
function argumentLength(values: Values, first: number, next: number): number {
  let length = 0;
  for (let field = first; field < next; field += 1)
    length += (BEFORE[field] as Literal).length + values.lengthOf(field);
  return length;
}

/** Writes `$123\r\n`. @returns where it ends */
function writeLength(view: DataView, at: number, length: number): number {
  let digits = 1;
  for (let limit = 10; length >= limit; limit *= 10) digits += 1;
  view.setUint8(at, DOLLAR);
  let rest = length;
  for (let place = at + digits; place > at; place -= 1) {
    const tenth = (rest / 10) | 0;
    view.setUint8(place, ZERO + rest - 10 * tenth);
    rest = tenth;
  }
  return END.putInto(view, at + digits + 1);
}
