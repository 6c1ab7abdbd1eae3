import { withoutUnusedBits } from './bit-string.js';
import { type AtomIndex, writeAtom } from './encode-atom.js';
import { openFun, openOldFun } from './encode-fun.js';
import { writeExport, writePid, writePort, writeReference } from './encode-identifier.js';
import { writeFloat, writeInteger } from './encode-number.js';
import { badTerm, type TermLimits } from './limits.js';
import {
  BINARY_EXT,
  BIT_BINARY_EXT,
  LARGE_TUPLE_EXT,
  LIST_EXT,
  MAP_EXT,
  NIL_EXT,
  SMALL_TUPLE_EXT,
  STRING_EXT,
} from './tags.js';
import {
  Atom,
  BitString,
  ErlangMap,
  Export,
  Float,
  Fun,
  ImproperList,
  OldFun,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from './types.js';
import type { Writer } from './writer.js';

/** A list, tuple, map or fun whose elements are being written. */
interface OpenTerm {
  readonly items: readonly Term[];
  next: number;
  /** What is to be written after the elements. */
  readonly finish: (() => void) | undefined;
  readonly depth: number;
  readonly parent: OpenTerm | undefined;
}

const LONGEST_STRING = 0xffff;

/**
 * Writes one term. Terms within terms are kept on a stack of its own; one that contains itself is refused where it
 * exceeds the depth.
 */
export class TermEncoder {
  private open: OpenTerm | undefined;

  constructor(
    private readonly writer: Writer,
    private readonly limits: TermLimits,
    private readonly atomIndex: AtomIndex,
  ) {}

  write(term: Term): void {
    this.begin(term);
    while (this.open !== undefined) {
      const { open } = this;
      if (open.next < open.items.length) {
        // A hole in an array is refused as what it is: undefined.
        this.begin(open.items[open.next++] as Term);
      } else {
        open.finish?.();
        this.open = open.parent;
      }
    }
  }

  private begin(term: Term): void {
    const { writer, atomIndex } = this;
    if (typeof term === 'number' || typeof term === 'bigint') writeInteger(writer, term);
    else if (term instanceof Atom) writeAtom(writer, term, atomIndex);
    else if (term instanceof Tuple) this.beginTuple(term);
    else if (term instanceof Uint8Array) this.binary(term);
    else if (Array.isArray(term)) this.beginList(term);
    else if (term instanceof ErlangMap) this.beginMap(term);
    else if (term instanceof Pid) writePid(writer, term, atomIndex);
    else if (term instanceof Reference) writeReference(writer, term, atomIndex);
    else if (term instanceof Float) writeFloat(writer, term);
    else this.beginRare(term);
  }

  private beginRare(term: Term): void {
    const { writer, atomIndex } = this;
    if (term instanceof ImproperList) this.beginImproperList(term);
    else if (term instanceof BitString) this.bitString(term);
    else if (term instanceof Port) writePort(writer, term, atomIndex);
    else if (term instanceof Export) writeExport(writer, term, atomIndex);
    else if (term instanceof Fun) this.push(term.free, openFun(writer, term, atomIndex));
    else if (term instanceof OldFun) this.push(term.free, openOldFun(writer, term, atomIndex));
    else throw badTerm(`${describe(term)} is no term`);
  }

  private push(items: readonly Term[], finish?: (() => void) | undefined): void {
    const parent = this.open;
    const depth = parent === undefined ? 1 : parent.depth + 1;
    if (depth > this.limits.depth)
      throw badTerm(`the term contains itself, or is deeper than ${this.limits.depth}`);
    this.open = { items, next: 0, finish, depth, parent };
  }

  private binary(bytes: Uint8Array): void {
    this.writer.u8(BINARY_EXT);
    this.writer.u32(bytes.length);
    this.writer.raw(bytes);
  }

  private bitString({ bytes, bits }: BitString): void {
    if (bytes.length === 0 || !Number.isInteger(bits) || bits < 1 || bits > 7)
      throw badTerm(`a bit string of ${bytes.length} bytes with ${bits} bits in the last one`);
    this.writer.u8(BIT_BINARY_EXT);
    this.writer.u32(bytes.length);
    this.writer.u8(bits);
    this.writer.raw(withoutUnusedBits(bytes, bits));
  }

  private beginTuple({ elements }: Tuple): void {
    if (elements.length <= 255) {
      this.writer.u8(SMALL_TUPLE_EXT);
      this.writer.u8(elements.length);
    } else {
      this.writer.u8(LARGE_TUPLE_EXT);
      this.writer.u32(elements.length);
    }
    this.push(elements);
  }

  private beginList(elements: readonly Term[]): void {
    const { writer } = this;
    if (elements.length === 0) {
      writer.u8(NIL_EXT);
    } else if (isString(elements)) {
      writer.u8(STRING_EXT);
      writer.u16(elements.length);
      writer.raw(Uint8Array.from(elements));
    } else {
      writer.u8(LIST_EXT);
      writer.u32(elements.length);
      this.push(elements, () => writer.u8(NIL_EXT));
    }
  }

  private beginImproperList({ elements, tail }: ImproperList): void {
    if (elements.length === 0) throw badTerm('an improper list without elements');
    if (Array.isArray(tail) || tail instanceof ImproperList)
      throw badTerm('an improper list whose tail is a list');
    this.writer.u8(LIST_EXT);
    this.writer.u32(elements.length);
    this.push([...elements, tail]);
  }

  private beginMap({ entries }: ErlangMap): void {
    this.writer.u8(MAP_EXT);
    this.writer.u32(entries.length);
    this.push(keysAndValues(entries));
  }
}

/** A list that Erlang writes as STRING_EXT: no more than 65535 elements, each a byte. */
function isString(elements: readonly Term[]): elements is readonly number[] {
  if (elements.length > LONGEST_STRING) return false;
  for (const element of elements)
    if (typeof element !== 'number' || (element & 255) !== element) return false;
  return true;
}

function keysAndValues(entries: ErlangMap['entries']): readonly Term[] {
  const items: Term[] = [];
  for (const [key, value] of entries) items.push(key, value);
  return items;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return 'a JavaScript string';
  if (typeof value === 'object' && value !== null) return `an object of class ${value.constructor?.name}`;
  return String(value);
}
