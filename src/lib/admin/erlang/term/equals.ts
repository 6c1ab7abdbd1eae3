import { withoutUnusedBits } from './bit-string.js';
import { badTerm } from './limits.js';
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

type Pair = readonly [Term, Term];

/** How deep maps may be keys of maps that are keys of maps. */
const MAP_KEY_DEPTH = 100;

/**
 * Whether Erlang's `=:=` holds, as OTP 27 has it: 1 is not 1.0, and 0.0 is not -0.0. The order of a map's pairs does
 * not count.
 *
 * @throws ErlangError `bad_term` for maps as keys of maps, nested more than 100 deep
 */
export function equals(left: Term, right: Term): boolean {
  return equalWithin(left, right, 0);
}

/** Keeps what is still to be compared in a list of its own, so that deep terms cannot overflow the stack. */
function equalWithin(left: Term, right: Term, mapKeyDepth: number): boolean {
  const pending: Pair[] = [[left, right]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const parts = partsToCompare(pair, mapKeyDepth);
    if (parts === undefined) return false;
    for (const part of parts) pending.push(part);
  }
  return true;
}

/** @returns what must be equal for these two to be equal; undefined where they are not */
function partsToCompare([left, right]: Pair, mapKeyDepth: number): readonly Pair[] | undefined {
  if (left === right || sameLeaf(left, right)) return [];
  if (left instanceof ErlangMap && right instanceof ErlangMap) return valuesByKey(left, right, mapKeyDepth);
  const [some, others] = [partsOf(left), partsOf(right)];
  if (some === undefined || some.length !== others?.length) return undefined;
  if (typeof left !== 'object' || typeof right !== 'object' || left.constructor !== right.constructor)
    return undefined;
  return some.map((part, index) => [part, others[index] as Term]);
}

function sameLeaf(left: Term, right: Term): boolean {
  // Between a number and a bigint, >= and <= are exact.
  if (isInteger(left)) return isInteger(right) && left <= right && left >= right;
  if (left instanceof Atom) return right instanceof Atom && left.name === right.name;
  if (left instanceof Float) return right instanceof Float && Object.is(left.value, right.value);
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  return left instanceof BitString && right instanceof BitString && sameBits(left, right);
}

const isInteger = (term: Term): term is number | bigint =>
  typeof term === 'number' || typeof term === 'bigint';

const sameBits = (left: BitString, right: BitString): boolean =>
  left.bits === right.bits && Buffer.compare(usedBits(left), usedBits(right)) === 0;

const usedBits = ({ bytes, bits }: BitString) => withoutUnusedBits(bytes, bits);

/** All that two terms of one class must have in common; undefined for those without parts. */
function partsOf(term: Term): readonly Term[] | undefined {
  if (Array.isArray(term)) return term;
  if (term instanceof Tuple) return term.elements;
  if (term instanceof ImproperList) return [...term.elements, term.tail];
  if (term instanceof Pid) return [term.node, term.id, term.serial, term.creation];
  if (term instanceof Port) return [term.node, term.id, term.creation];
  if (term instanceof Reference) return [term.node, term.creation, ...term.ids];
  if (term instanceof Export) return [term.module, term.name, term.arity];
  if (term instanceof OldFun) return [term.pid, term.module, term.index, term.unique, ...term.free];
  if (!(term instanceof Fun)) return undefined;
  const { arity, unique, index, module, oldIndex, oldUnique, pid, free } = term;
  return [arity, unique, index, module, oldIndex, oldUnique, pid, ...free];
}

/** The values of equal keys; undefined where a key has no counterpart. */
function valuesByKey(left: ErlangMap, right: ErlangMap, depth: number): readonly Pair[] | undefined {
  if (depth > MAP_KEY_DEPTH) throw badTerm(`maps as keys of maps, nested more than ${MAP_KEY_DEPTH} deep`);
  if (left.entries.length !== right.entries.length) return undefined;
  const candidates = byLikeness(right.entries);
  const values: Pair[] = [];
  for (const [key, value] of left.entries) {
    const alike = candidates.get(likeness(key)) ?? [];
    const found = alike.findIndex(([other]) => equalWithin(key, other, depth + 1));
    const [counterpart] = found < 0 ? [] : alike.splice(found, 1);
    if (counterpart === undefined) return undefined;
    values.push([value, counterpart[1]]);
  }
  return values;
}

function byLikeness(entries: ErlangMap['entries']): Map<string, Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const entry of entries) {
    const group = groups.get(likeness(entry[0]));
    if (group) group.push(entry);
    else groups.set(likeness(entry[0]), [entry]);
  }
  return groups;
}

/** The same for equal keys, and for others mostly not. */
function likeness(key: Term): string {
  if (isInteger(key)) return `integer ${key}`;
  if (key instanceof Atom) return `atom ${key.name}`;
  if (key instanceof Uint8Array) return `binary ${Buffer.from(key).toString('latin1')}`;
  return key.constructor.name;
}
