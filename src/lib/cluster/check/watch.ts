import { Failure } from '../../failure.js';
import { type Change, changesSince } from './changes.js';
import { type CheckReport, type CheckRequest, checkCluster } from './run.js';

/**
 * Checks again and again, and yields what has changed, until the signal is aborted. That no node answers is a change too.
 *
 * @param every milliseconds between the end of a look and the next one
 * @throws Failure for what does not pass: bad credentials or configuration at the first look
 */
export async function* watchCluster(request: CheckRequest, every: number): AsyncGenerator<Change, void> {
  const { fleet, signal } = request;
  let last: CheckReport | undefined;
  let silent: Failure | undefined;
  while (!signal?.aborted) {
    const look = await lookOnce(request);
    if (look === 'interrupted') return;
    if (look instanceof Failure) {
      if (!silent) yield cluster('answers', 'unreachable', look.message);
      silent = look;
    } else {
      if (silent) yield cluster('unreachable', 'answers', `${look.members.length} nodes are seen again`);
      yield* changesSince(last, look);
      [last, silent] = [look, undefined];
    }
    await fleet.clock.sleep(every, signal);
  }
}

/** What keeps all nodes from answering may pass; what we were given wrongly does not. */
async function lookOnce(request: CheckRequest): Promise<CheckReport | Failure | 'interrupted'> {
  try {
    return await checkCluster(request);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    if (thrown.kind === 'interrupted') return 'interrupted';
    if (thrown.kind === 'unreachable' || thrown.kind === 'failed') return thrown;
    throw thrown;
  }
}

const cluster = (before: string, now: string, text: string): Change => ({
  kind: 'check',
  name: 'cluster',
  before,
  now,
  text,
});
