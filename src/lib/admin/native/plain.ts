import { isList } from '../erlang/term/construct.js';
import { Atom, ErlangMap, Float, type Term, Tuple } from '../erlang/term/types.js';

/** What is deeper is no status of a broker. */
const DEEPEST = 100;

/**
 * A term as the JSON that the broker's own encoder (jsx) would make of it: a list of pairs is an object, atoms and
 * binaries are texts. What has no such form, or is too deep, becomes null.
 */
export function toPlain(term: Term, depth = DEEPEST): unknown {
  if (depth === 0) return null;
  if (typeof term === 'number') return term;
  if (typeof term === 'bigint') return Number(term);
  if (term instanceof Float) return term.value;
  if (term instanceof Atom) return plainAtom(term.name);
  if (term instanceof Uint8Array) return Buffer.from(term).toString('utf8');
  if (term instanceof ErlangMap) return toObject(term.entries, depth);
  if (!isList(term)) return null;
  const pairs = term.map(pairOf);
  return pairs.length > 0 && pairs.every((pair) => pair !== undefined)
    ? toObject(pairs, depth)
    : term.map((element) => toPlain(element, depth - 1));
}

function plainAtom(name: string): string | boolean | null {
  if (name === 'true' || name === 'false') return name === 'true';
  return name === 'null' || name === 'undefined' ? null : name;
}

function pairOf(term: Term): readonly [Term, Term] | undefined {
  const [key, value] = term instanceof Tuple && term.elements.length === 2 ? term.elements : [];
  const isKey = key instanceof Atom || key instanceof Uint8Array;
  return isKey && value !== undefined ? [key, value] : undefined;
}

function toObject(pairs: readonly (readonly [Term, Term])[], depth: number): Record<string, unknown> {
  return Object.fromEntries(pairs.map(([key, value]) => [String(toPlain(key)), toPlain(value, depth - 1)]));
}
