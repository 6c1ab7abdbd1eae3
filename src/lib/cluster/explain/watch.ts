import type { AdminRpc } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import type { Fleet } from '../observe.js';
import type { ClusterView } from '../view.js';
import type { Sighting } from './history.js';
import { type ClientName, type ClientRow, sightClient } from './sightings.js';

/** Milliseconds between looks: a client that is sent away at once is hard to see. More where a look takes long. */
const PAUSE = 50;
/** A look makes the nodes go through their queues: it may take this share of the time. */
const SHARE = 0.2;

/**
 * Looks at the client again and again, for so many milliseconds: at least three times.
 *
 * @throws Failure when no node answers the first look
 */
export async function* watchClient(
  fleet: Fleet,
  view: ClusterView,
  name: ClientName,
  duration: number,
  signal: AbortSignal,
): AsyncGenerator<Sighting, void> {
  const { clock, deadline } = fleet;
  const rpcs = askedOf(view).map((address) => fleet.rpc(address));
  const until = clock.now() + duration;
  for (let look = 0; look < 3 || clock.now() < until; look += 1) {
    const started = clock.now();
    const rows = await lookFromAll(rpcs, name, { deadline, signal });
    const at = clock.now();
    if (rows) yield { at, rows };
    await clock.sleep(Math.max(PAUSE, (at - started) / SHARE), signal);
    if (signal.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
  }
}

/** One node speaks for all while all are seen by all; in a split each knows its own clients. */
function askedOf({ members }: ClusterView): string[] {
  const addresses = members.flatMap(({ address }) => (address === null ? [] : [address]));
  return members.every(({ running }) => running === 'yes') ? addresses.slice(0, 1) : addresses;
}

/** Undefined for a look that failed, though an earlier one did not. */
async function lookFromAll(
  rpcs: readonly AdminRpc[],
  name: ClientName,
  options: { readonly deadline: number; readonly signal: AbortSignal },
): Promise<ClientRow[] | undefined> {
  const answers = await Promise.allSettled(rpcs.map((rpc) => sightClient(rpc, name, options)));
  const rows = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const [failed] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  if (rows.length === 0 || options.signal.aborted) throw failed;
  const unique = new Map(rows.flat().map((row) => [JSON.stringify(row), row]));
  return [...unique.values()];
}
