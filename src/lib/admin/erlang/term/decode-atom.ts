import { isUtf8 } from 'node:buffer';
import { badTerm, type TermLimits, tooLongForAtom } from './limits.js';
import type { Reader } from './reader.js';
import { ATOM_CACHE_REF, ATOM_EXT, ATOM_UTF8_EXT, SMALL_ATOM_EXT, SMALL_ATOM_UTF8_EXT } from './tags.js';
import { Atom } from './types.js';

/** An atom, and where its name was read. */
interface NamedAt {
  readonly atom: Atom;
  readonly start: number;
  readonly length: number;
}

/** Reads atoms, and gives the same object for the same name. */
export class AtomDecoder {
  private readonly seen = new Map<string, Atom>();
  /** By fingerprint of their bytes, which are compared faster than they are made a string. */
  private readonly recent: (NamedAt | undefined)[] = [];

  /** @param table what ATOM_CACHE_REF points into */
  constructor(
    private readonly reader: Reader,
    private readonly limits: TermLimits,
    private readonly table: readonly Atom[] = [],
  ) {}

  /** What the format has an atom for: a node, a module, a function. */
  required(what: string): Atom {
    const tag = this.reader.u8();
    const atom = this.read(tag);
    if (!atom) throw badTerm(`${what} must be an atom, but its tag is ${tag}`);
    return atom;
  }

  /** @returns undefined where the tag is none of an atom */
  read(tag: number): Atom | undefined {
    switch (tag) {
      case ATOM_CACHE_REF:
        return this.cached(this.reader.u8());
      case SMALL_ATOM_UTF8_EXT:
        return this.utf8(this.reader.u8());
      case ATOM_UTF8_EXT:
        return this.utf8(this.reader.u16());
      case SMALL_ATOM_EXT:
        return this.named(this.reader.text(this.reader.u8(), 'latin1'));
      case ATOM_EXT:
        return this.named(this.reader.text(this.reader.u16(), 'latin1'));
      default:
        return undefined;
    }
  }

  private cached(index: number): Atom {
    const atom = this.table[index];
    if (!atom) throw badTerm(`atom ${index} of the message's atom table, which has ${this.table.length}`);
    return atom;
  }

  private utf8(length: number): Atom {
    const { reader } = this;
    const fingerprint = reader.fingerprint(length);
    const known = this.recent[fingerprint];
    if (known?.length === length && reader.skipRepeated(known.start, length)) return known.atom;
    const start = reader.offset;
    const atom = this.named(this.utf8Name(length));
    this.recent[fingerprint] = { atom, start, length };
    return atom;
  }

  private utf8Name(length: number): string {
    const start = this.reader.offset;
    const name = this.reader.text(length, 'utf8');
    // Node replaces what is no UTF-8 by U+FFFD, so a name without it needs no second look.
    if (name.includes('\ufffd') && !this.isUtf8(start, length))
      throw badTerm(`the atom at byte ${start} is no UTF-8`);
    return name;
  }

  private isUtf8(start: number, length: number): boolean {
    const end = this.reader.offset;
    this.reader.offset = start;
    const bytes = this.reader.take(length);
    this.reader.offset = end;
    return isUtf8(bytes);
  }

  private named(name: string): Atom {
    const known = this.seen.get(name);
    if (known) return known;
    if (tooLongForAtom(name)) throw badTerm('an atom has more than 255 characters');
    if (this.seen.size >= this.limits.atoms) throw badTerm(`more than ${this.limits.atoms} different atoms`);
    const atom = new Atom(name);
    this.seen.set(name, atom);
    return atom;
  }
}
