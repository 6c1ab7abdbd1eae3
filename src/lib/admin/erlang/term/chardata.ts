import { badTerm } from './limits.js';
import { ImproperList, type Term } from './types.js';

export interface ChardataOptions {
  /** What the bytes of binaries are; numbers are code points in either. Default `utf8`. */
  readonly encoding?: 'utf8' | 'latin1';
  /** The most units of UTF-16 in the result. Default 16 Mi. */
  readonly maxLength?: number;
}

const MAX_LENGTH = 16 * 1024 * 1024;
const HIGHEST_CODE_POINT = 0x10_ffff;

/**
 * The text of what Erlang calls chardata or iodata: a binary, or a list of code points, binaries and such lists, the
 * last tail of which may be a binary.
 *
 * It is meant for people's eyes: bytes that are no UTF-8, and surrogates, become U+FFFD.
 *
 * @throws ErlangError `bad_term` where the term is not chardata or its text is too long
 */
export function chardataToString(term: Term, options: ChardataOptions = {}): string {
  const text = new Text(options.encoding ?? 'utf8', options.maxLength ?? MAX_LENGTH);
  // What is still to be read, the next of it last. Kept here, so that deep lists cannot overflow the stack.
  const pending: Term[] = [checkedStart(term)];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'number') text.codePoint(next);
    else if (next instanceof Uint8Array) text.bytes(next);
    else pushReversed(pending, elementsOf(next));
  }
  return text.toString();
}

/** A code point alone is no chardata. */
function checkedStart(term: Term): Term {
  if (typeof term === 'number') throw badTerm('a number is no chardata');
  return term;
}

function elementsOf(term: Term): readonly Term[] {
  if (Array.isArray(term)) return term;
  if (term instanceof ImproperList && term.tail instanceof Uint8Array) return [...term.elements, term.tail];
  throw badTerm('a list of characters has something else in it');
}

function pushReversed(pending: Term[], elements: readonly Term[]): void {
  for (let at = elements.length - 1; at >= 0; at -= 1) pending.push(elements[at] as Term);
}

class Text {
  private readonly parts: string[] = [];
  private length = 0;

  constructor(
    private readonly encoding: 'utf8' | 'latin1',
    private readonly maxLength: number,
  ) {}

  codePoint(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > HIGHEST_CODE_POINT)
      throw badTerm(`${value} is no code point`);
    const isSurrogate = value >= 0xd800 && value <= 0xdfff;
    this.add(isSurrogate ? '\ufffd' : String.fromCodePoint(value));
  }

  bytes(bytes: Uint8Array): void {
    // Text takes no more units than its UTF-8 has bytes, and no fewer than a third.
    if (this.length + bytes.length / 3 > this.maxLength) throw this.tooLong();
    this.add(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(this.encoding));
  }

  toString(): string {
    return this.parts.join('');
  }

  private add(text: string): void {
    this.length += text.length;
    if (this.length > this.maxLength) throw this.tooLong();
    this.parts.push(text);
  }

  private tooLong() {
    return badTerm(`more than ${this.maxLength} characters`);
  }
}
