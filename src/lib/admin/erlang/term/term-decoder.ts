import { readBits } from './bit-string.js';
import { AtomDecoder } from './decode-atom.js';
import { type OpenFun, openFun, openOldFun } from './decode-fun.js';
import { readIdentifier } from './decode-identifier.js';
import { readFloat, readInteger } from './decode-number.js';
import { badTerm, type TermLimits } from './limits.js';
import type { Reader } from './reader.js';
import {
  BINARY_EXT,
  BIT_BINARY_EXT,
  COMPRESSED,
  FUN_EXT,
  INTEGER_EXT,
  LARGE_TUPLE_EXT,
  LIST_EXT,
  LOCAL_EXT,
  MAP_EXT,
  NEW_FUN_EXT,
  NIL_EXT,
  SMALL_INTEGER_EXT,
  SMALL_TUPLE_EXT,
  STRING_EXT,
} from './tags.js';
import { type Atom, ErlangMap, ImproperList, type Term, Tuple } from './types.js';

/** A list, tuple, map or fun whose elements are being read. */
interface OpenTerm {
  readonly kind: 'list' | 'tail' | 'tuple' | 'map' | 'fun';
  readonly items: Term[];
  /** How many elements have been read, and how many there are to be. */
  filled: number;
  length: number;
  readonly depth: number;
  readonly fun: OpenFun | undefined;
  readonly parent: OpenTerm | undefined;
}

/** V8 makes a longer array a hash table, unless it grows element by element. */
const LONGEST_FAST_ARRAY = 32 * 1024 * 1024;

const EMPTY: readonly Term[] = Object.freeze([]);

/**
 * Reads one term. Terms within terms are kept on a stack of its own, so that no input can overflow the stack of
 * function calls.
 */
export class TermDecoder {
  private readonly atoms: AtomDecoder;
  private open: OpenTerm | undefined;
  private elements = 0;
  private objects = 0;

  constructor(
    private readonly reader: Reader,
    private readonly limits: TermLimits,
    atomTable?: readonly Atom[],
  ) {
    this.atoms = new AtomDecoder(reader, limits, atomTable);
  }

  read(): Term {
    for (;;) {
      let term = this.begin();
      if (typeof term !== 'number') this.countObject();
      while (term !== undefined) {
        const { open } = this;
        if (open === undefined) return term;
        open.items[open.filled++] = term;
        term = open.filled === open.length ? this.close(open) : undefined;
      }
    }
  }

  /** Where `read` has failed: the elements of the outermost term that it had read, if that is a tuple. */
  beginning(): readonly Term[] {
    let outermost = this.open;
    while (outermost?.parent !== undefined) outermost = outermost.parent;
    return outermost?.kind === 'tuple' ? outermost.items.slice(0, outermost.filled) : EMPTY;
  }

  /** @returns undefined where the term has elements, which are to be read first */
  private begin(): Term | undefined {
    const { reader } = this;
    const tag = reader.u8();
    switch (tag) {
      // What long lists are made of comes first, for speed.
      case SMALL_INTEGER_EXT:
        return reader.u8();
      case INTEGER_EXT:
        return reader.i32();
      case NIL_EXT:
        return EMPTY;
      case BINARY_EXT:
        return reader.take(reader.u32());
      case SMALL_TUPLE_EXT:
        return this.beginTuple(reader.u8());
      case LARGE_TUPLE_EXT:
        return this.beginTuple(reader.u32());
      case LIST_EXT:
        return this.beginList(reader.u32());
      case STRING_EXT:
        return this.bytesAsList();
      case MAP_EXT:
        return this.beginMap(reader.u32());
      case BIT_BINARY_EXT:
        return readBits(reader);
      case NEW_FUN_EXT:
        return this.beginFun(openFun(reader, this.atoms, this.limits));
      case FUN_EXT:
        return this.beginFun(openOldFun(reader, this.atoms, this.limits));
      default:
        return this.scalar(tag);
    }
  }

  private scalar(tag: number): Term {
    const { reader, atoms } = this;
    const term =
      readInteger(reader, tag, this.limits.integerBytes) ??
      atoms.read(tag) ??
      readFloat(reader, tag) ??
      readIdentifier(reader, atoms, tag);
    if (term === undefined) throw badTerm(`${unknownTag(tag)} at byte ${reader.offset - 1}`);
    return term;
  }

  private beginTuple(arity: number): Term | undefined {
    if (arity === 0) return new Tuple(EMPTY);
    this.push('tuple', arity);
    return undefined;
  }

  private beginMap(pairs: number): Term | undefined {
    if (pairs === 0) return new ErlangMap([]);
    if (pairs > this.limits.mapPairs) throw badTerm(`a map of ${pairs} pairs`);
    this.push('map', pairs * 2);
    return undefined;
  }

  private beginFun(fun: OpenFun): Term | undefined {
    if (fun.freeCount === 0) return fun.finish(EMPTY);
    this.push('fun', fun.freeCount, fun);
    return undefined;
  }

  private beginList(length: number): Term | undefined {
    const list = this.push('list', length);
    return length === 0 ? this.listTail(list) : undefined;
  }

  private bytesAsList(): readonly number[] {
    const length = this.reader.u16();
    this.count(length);
    return Array.from(this.reader.take(length));
  }

  private push(kind: OpenTerm['kind'], length: number, fun?: OpenFun): OpenTerm {
    this.count(length);
    const parent = this.open;
    const depth = parent === undefined ? 1 : parent.depth + 1;
    if (depth > this.limits.depth) throw badTerm(`terms nested deeper than ${this.limits.depth}`);
    // The length is not taken on trust: count() has compared it with the bytes that are left.
    const items = length > LONGEST_FAST_ARRAY ? [] : new Array<Term>(length);
    this.open = { kind, items, filled: 0, length, depth, fun, parent };
    return this.open;
  }

  /** An element takes a byte or more, so a length that cannot be true is found before anything is read. */
  private count(length: number): void {
    this.elements += length;
    if (length > this.reader.left) throw badTerm(`${length} elements in ${this.reader.left} bytes`);
    if (this.elements > this.limits.elements) throw badTerm(`more than ${this.limits.elements} elements`);
  }

  private countObject(): void {
    this.objects += 1;
    if (this.objects > this.limits.objects)
      throw badTerm(`more than ${this.limits.objects} terms that are not small integers`);
  }

  /** @returns undefined where it turns out that more is to come */
  private close(open: OpenTerm): Term | undefined {
    const { kind, items } = open;
    if (kind === 'list') return this.listTail(open);
    this.open = open.parent;
    if (kind === 'tuple') return new Tuple(items);
    if (kind === 'tail') return withTail(items);
    if (open.fun !== undefined) return open.fun.finish(items);
    return new ErlangMap(pairsOf(items));
  }

  /** A tail that is itself a list continues this one. */
  private listTail(list: OpenTerm): Term | undefined {
    const { reader } = this;
    for (;;) {
      const tag = reader.peek();
      if (tag === NIL_EXT || tag === STRING_EXT) {
        reader.u8();
        if (tag === STRING_EXT) for (const byte of this.bytesAsList()) list.items.push(byte);
        this.open = list.parent;
        return list.items;
      }
      if (tag !== LIST_EXT) {
        this.open = { ...list, kind: 'tail', length: list.length + 1 };
        return undefined;
      }
      reader.u8();
      const more = reader.u32();
      this.count(more);
      list.length += more;
      if (more > 0) return undefined;
    }
  }
}

/** The last item is the tail. A list without elements is its tail. */
function withTail(items: Term[]): Term {
  const tail = items.pop() ?? EMPTY;
  return items.length === 0 ? tail : new ImproperList(items, tail);
}

function pairsOf(items: readonly Term[]): (readonly [Term, Term])[] {
  const pairs: (readonly [Term, Term])[] = [];
  for (let at = 0; at < items.length; at += 2) pairs.push([items[at] ?? EMPTY, items[at + 1] ?? EMPTY]);
  return pairs;
}

function unknownTag(tag: number): string {
  if (tag === LOCAL_EXT) return 'a term in the local format of another node (LOCAL_EXT)';
  if (tag === COMPRESSED) return 'a compressed term within another one';
  return `unknown tag ${tag}`;
}
