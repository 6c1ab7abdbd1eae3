import { Failure } from '../../failure.js';
import { ErlangError } from '../erlang/error.js';
import { NotSent } from './session.js';

/** @throws Failure when we were told to stop; whatever is no error of the way in, as it is */
export function expected(thrown: unknown): ErlangError {
  if (!(thrown instanceof ErlangError)) throw thrown;
  if (thrown instanceof NotSent)
    throw new Failure('interrupted', 'not_sent', 'interrupted before anything was sent');
  if (thrown.code === 'aborted') throw new Failure('interrupted', 'interrupted', 'interrupted');
  return thrown;
}
