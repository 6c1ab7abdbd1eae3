import { badTerm } from './limits.js';
import { ImproperList, type Term } from './types.js';

export interface ChardataOptions {
  /** What the bytes of binaries are; numbers are code points in either. Default `utf8`. */
  readonly encoding?: 'utf8' | 'latin1';
  /** The most units of UTF-16 in the result. Default `LONGEST_TEXT`. */
  readonly maxLength?: number;
}

/** As many units of UTF-16 as a list of a distribution message may have elements. */
export const LONGEST_TEXT = 64 * 1024 * 1024;

const HIGHEST_CODE_POINT = 0x10_ffff;
/** How many units are collected before they become a string. */
const UNITS = 8192;

/** A list that is being read. */
interface OpenList {
  readonly items: readonly Term[];
  next: number;
}

/**
 * The text of what Erlang calls chardata or iodata: a binary, or a list of code points, binaries and such lists, the
 * last tail of which may be a binary.
 *
 * It is meant for people's eyes: bytes that are no UTF-8, and surrogates, become U+FFFD.
 *
 * @throws ErlangError `bad_term` where the term is not chardata or its text is too long
 */
export function chardataToString(term: Term, options: ChardataOptions = {}): string {
  const text = new Text(options.encoding ?? 'utf8', options.maxLength ?? LONGEST_TEXT);
  if (term instanceof Uint8Array) text.bytes(term);
  else readLists(openList(term), text);
  return text.toString();
}

/** The lists that are open are kept here, so that deep ones cannot overflow the stack. */
function readLists(outermost: OpenList, text: Text): void {
  const open = [outermost];
  for (let list = open.at(-1); list !== undefined; list = open.at(-1)) {
    if (list.next === list.items.length) {
      open.pop();
      continue;
    }
    const item = list.items[list.next++] as Term;
    if (typeof item === 'number') text.codePoint(item);
    else if (item instanceof Uint8Array) text.bytes(item);
    else open.push(openList(item));
  }
}

function openList(term: Term): OpenList {
  // A code point alone is no chardata.
  if (typeof term === 'number') throw badTerm('a number is no chardata');
  if (Array.isArray(term)) return { items: term, next: 0 };
  if (term instanceof ImproperList && term.tail instanceof Uint8Array)
    return { items: [...term.elements, term.tail], next: 0 };
  throw badTerm('a list of characters has something else in it');
}

class Text {
  private readonly parts: string[] = [];
  private length = 0;
  /** What comes after the parts. */
  private units: number[] = [];

  constructor(
    private readonly encoding: 'utf8' | 'latin1',
    private readonly maxLength: number,
  ) {}

  codePoint(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > HIGHEST_CODE_POINT)
      throw badTerm(`${value} is no code point`);
    if (value > 0xffff) {
      this.unit(0xd800 + ((value - 0x1_0000) >> 10));
      this.unit(0xdc00 + (value & 0x3ff));
    } else this.unit(value >= 0xd800 && value <= 0xdfff ? 0xfffd : value);
  }

  bytes(bytes: Uint8Array): void {
    // Text takes no more units than its UTF-8 has bytes, and no fewer than a third.
    if (this.length + bytes.length / 3 > this.maxLength) throw this.tooLong();
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(this.encoding);
    this.count(text.length);
    this.flush();
    this.parts.push(text);
  }

  toString(): string {
    this.flush();
    return this.parts.join('');
  }

  private unit(value: number): void {
    this.count(1);
    if (this.units.push(value) === UNITS) this.flush();
  }

  private flush(): void {
    if (this.units.length === 0) return;
    this.parts.push(String.fromCharCode(...this.units));
    this.units = [];
  }

  private count(units: number): void {
    this.length += units;
    if (this.length > this.maxLength) throw this.tooLong();
  }

  private tooLong() {
    return badTerm(`more than ${this.maxLength} characters`);
  }
}
