import { formatTerm } from '../term/format.js';
import { Atom, type Term, Tuple } from '../term/types.js';

/** Longer texts are cut off. */
const LONGEST = 200;
const DEEPEST = 20;

/** A term in one short line, roughly as Erlang writes it. For people. */
export const describeTerm = (term: Term): string =>
  formatTerm(term, { maxLength: LONGEST, maxDepth: DEEPEST });

/**
 * Why a process ended, with nothing that may be secret: calls that led there without their arguments, and `…` for
 * strings, binaries, lists and maps.
 *
 * @param reason such as `{undef, [{lists, foo, [], []}]}`, or `{timeout, {gen_server, call, [x, y]}}`
 */
export function describeReason(reason: Term): string {
  const calls: string[] = [];
  let what = reason;
  for (let next = whatAndCall(what); next && calls.length < DEEPEST; next = whatAndCall(what)) {
    calls.unshift(` in ${next.call}`);
    what = next.what;
  }
  return formatTerm(what, { maxLength: LONGEST, maxDepth: DEEPEST, isDiscreet: true }) + calls.join('');
}

/** @returns undefined where the reason does not end with a call */
function whatAndCall(reason: Term): { readonly what: Term; readonly call: string } | undefined {
  if (!(reason instanceof Tuple) || reason.elements.length !== 2) return undefined;
  const [what, place] = reason.elements;
  const call = describeCall(Array.isArray(place) ? place[0] : place);
  return what === undefined || call === undefined ? undefined : { what, call };
}

/** @param term `{Module, Function, ArgumentsOrArity}` or a frame of a stack, which has a place in the source as well */
function describeCall(term: Term | undefined): string | undefined {
  if (!(term instanceof Tuple) || term.elements.length < 3 || term.elements.length > 4) return undefined;
  const [module, name, args] = term.elements;
  if (!(module instanceof Atom) || !(name instanceof Atom)) return undefined;
  const arity = Array.isArray(args) ? args.length : args;
  return typeof arity === 'number' ? `${module.name}:${name.name}/${arity}` : undefined;
}
