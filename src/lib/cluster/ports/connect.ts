import { connect } from 'node:net';
import { Failure } from '../../failure.js';
import { FILTERED, OPEN, type Verdict, verdictOf } from './verdict.js';

/**
 * Connects by TCP from here, and hangs up at once.
 *
 * @throws Failure (interrupted)
 */
export function tryFromHere(
  host: string,
  port: number,
  deadline: number,
  signal?: AbortSignal,
): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(interrupted());
    const socket = connect({ host, port });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      socket.destroy();
      settle();
    };
    const stop = () => end(() => reject(interrupted()));
    const timer = setTimeout(() => end(() => resolve(FILTERED)), deadline);
    signal?.addEventListener('abort', stop);
    socket.once('connect', () => end(() => resolve(OPEN)));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(() => resolve(verdictOf(error.code ?? error.message))),
    );
  });
}

const interrupted = () => new Failure('interrupted', 'interrupted', 'interrupted');
