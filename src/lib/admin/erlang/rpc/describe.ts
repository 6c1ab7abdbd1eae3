import { formatTerm } from '../term/format.js';
import { Atom, type Term, Tuple } from '../term/types.js';

/** Longer texts are cut off. */
const LONGEST = 200;
const DEEPEST = 20;

/** A term in one short line, roughly as Erlang writes it. For people. */
export const describeTerm = (term: Term): string =>
  formatTerm(term, { maxLength: LONGEST, maxDepth: DEEPEST });

/**
 * Why a process ended, without the arguments of the calls that led there: they may be secret.
 *
 * @param reason such as `{undef, [{lists, foo, [], []}]}`, or `{timeout, {gen_server, call, [x, y]}}`
 */
export function describeReason(reason: Term): string {
  if (!(reason instanceof Tuple) || reason.elements.length !== 2) return describeTerm(reason);
  const [what, place] = reason.elements;
  if (what === undefined || place === undefined) return describeTerm(reason);
  const call = describeCall(Array.isArray(place) ? place[0] : place);
  return call === undefined ? describeTerm(reason) : `${describeReason(what)} in ${call}`;
}

/** @param term `{Module, Function, ArgumentsOrArity}` or a frame of a stack, which has a place in the source as well */
function describeCall(term: Term | undefined): string | undefined {
  if (!(term instanceof Tuple) || term.elements.length < 3 || term.elements.length > 4) return undefined;
  const [module, name, args] = term.elements;
  if (!(module instanceof Atom) || !(name instanceof Atom)) return undefined;
  const arity = Array.isArray(args) ? args.length : args;
  return typeof arity === 'number' ? `${module.name}:${name.name}/${arity}` : undefined;
}
