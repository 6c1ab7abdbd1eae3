import { Failure } from '../../failure.js';
import type { Fleet } from '../observe.js';
import type { Problem } from '../problems/problem.js';
import type { Cause, CauseCode } from './causes/cause.js';

/** What a start or a join shows for some seconds, and what is broken for good. */
const PASSING_PROBLEMS: ReadonlySet<string> = new Set([
  'wiped_node',
  'expelled_node',
  'one_sided_membership',
  'membership_differs',
  'not_listing_itself',
  'netsplit',
  'one_sided_view',
  'lost_link',
  'undecided',
]);
const PASSING_CAUSES: ReadonlySet<CauseCode> = new Set([
  'data_channel_down',
  'clustering_port_filtered',
  'clustering_listener_unreachable',
]);

/** Milliseconds between two looks. */
const PAUSE = 2000;

export interface Look {
  readonly problems: readonly Problem[];
  readonly causes: readonly Cause[];
}

/**
 * Looks again for as long as what is seen may pass by itself, `settle` milliseconds at most.
 *
 * @param look is told whether it has lasted that long
 * @throws Failure (interrupted)
 */
export async function lookUntilSettled<Seen extends Look>(
  look: (hasLasted: boolean) => Promise<Seen>,
  { clock }: Pick<Fleet, 'clock'>,
  settle: number,
  {
    onPassing,
    signal,
  }: { onPassing?: ((why: string) => void) | undefined; signal?: AbortSignal | undefined },
): Promise<Seen> {
  const until = clock.now() + settle;
  for (;;) {
    const hasLasted = settle > 0 && clock.now() >= until;
    const seen = await look(hasLasted);
    const why = passing(seen);
    if (why === undefined || clock.now() >= until) return seen;
    onPassing?.(why);
    await clock.sleep(Math.min(PAUSE, until - clock.now()), signal);
    if (signal?.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
  }
}

const passing = ({ problems, causes }: Look): string | undefined =>
  (
    problems.find(({ code }) => PASSING_PROBLEMS.has(code)) ??
    causes.find(({ code }) => PASSING_CAUSES.has(code))
  )?.message;
