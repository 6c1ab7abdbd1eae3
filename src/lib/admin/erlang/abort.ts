import { ErlangError } from './error.js';

/** Who waits for each signal. One listener serves them all: a signal warns of more than ten. */
const waiting = new WeakMap<AbortSignal, Waiting>();

class Waiting {
  readonly callbacks = new Set<() => void>();
  readonly onAbort = () => {
    for (const callback of [...this.callbacks]) callback();
  };
}

/**
 * Calls back when the signal is given; at once if it has been.
 *
 * @returns what ends the waiting
 */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  const { callbacks } = waitingFor(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size === 0) forget(signal);
  };
}

/** The error for what was given up through this signal. */
export function aborted(signal: AbortSignal): ErlangError {
  return new ErlangError('aborted', 'given up before it had ended', { cause: signal.reason });
}

function waitingFor(signal: AbortSignal): Waiting {
  const known = waiting.get(signal);
  if (known) return known;
  const added = new Waiting();
  waiting.set(signal, added);
  signal.addEventListener('abort', added.onAbort, { once: true });
  return added;
}

function forget(signal: AbortSignal): void {
  const known = waiting.get(signal);
  if (known) signal.removeEventListener('abort', known.onAbort);
  waiting.delete(signal);
}
