import { Atom, ErlangMap, type Term, Tuple } from './types.js';

export const atom = (name: string): Atom => new Atom(name);

export const boolean = (value: boolean): Atom => new Atom(value ? 'true' : 'false');

export const tuple = (...elements: readonly Term[]): Tuple => new Tuple(elements);

export const map = (...entries: readonly (readonly [key: Term, value: Term])[]): ErlangMap =>
  new ErlangMap(entries);

/** A string as Erlang's `"…"`: the list of its code points. */
export const charlist = (text: string): readonly number[] =>
  Array.from(text, (character) => character.codePointAt(0) ?? 0);

/** A string as Erlang's `<<"…"/utf8>>`. */
export const binary = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Whether the term is a proper list. */
export const isList = (term: Term | undefined): term is readonly Term[] => Array.isArray(term);

/** Whether the term is an atom, and the one of that name where a name is given. */
export function isAtom(term: Term | undefined, name?: string): term is Atom {
  return term instanceof Atom && (name === undefined || term.name === name);
}
