import { ErlangError } from '../error.js';
import { Atom, type Term, Tuple } from '../term/types.js';
import { describeReason } from './describe.js';

/**
 * The failure that the answer of a call stands for: `{badrpc, {'EXIT', Reason}}` or `{badrpc, Reason}`.
 *
 * @param what the function, for the message
 * @returns undefined for the value that the function returned
 */
export function errorIn(answer: Term, what: string, peer: string): ErlangError | undefined {
  const reason = taggedValue(answer, 'badrpc');
  if (reason === undefined) return undefined;
  const exit = taggedValue(reason, 'EXIT');
  if (exit !== undefined)
    return new ErlangError('exit', `${what} on ${peer} failed: ${describeReason(exit)}`, { term: exit });
  const message = `${peer} could not call ${what}: ${describeReason(reason)}`;
  return new ErlangError('badrpc', message, { term: reason });
}

/** The second element of a pair that begins with this atom. */
function taggedValue(term: Term, tag: string): Term | undefined {
  if (!(term instanceof Tuple) || term.elements.length !== 2) return undefined;
  const [first, second] = term.elements;
  return first instanceof Atom && first.name === tag ? second : undefined;
}
