import type { AdminRpc, CallOptions } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { shownIn } from '../metrics.js';

/** Counters of a whole node that tell of clients that are turned away. */
export const TELLING = [
  'mqtt_publish_auth_error',
  'mqtt_subscribe_auth_error',
  'client_keepalive_expired',
  'client_expired',
] as const;

export type Telling = (typeof TELLING)[number];
export type Counts = Readonly<Partial<Record<Telling, number>>>;

/**
 * What a node has counted since its start; undefined where it does not tell.
 *
 * @throws Failure (interrupted)
 */
export async function readCounts(rpc: AdminRpc, options: CallOptions): Promise<Counts | undefined> {
  try {
    const reply = await rpc.call({ words: ['metrics', 'show'] }, options);
    if (reply.outcome !== 'done') return undefined;
    const metrics = shownIn(reply, 0);
    // Several of one name, where it is counted by the version of MQTT, are summed.
    return Object.fromEntries(
      TELLING.flatMap((name) => {
        const total = metrics.total(name);
        return total === undefined ? [] : [[name, total]];
      }),
    );
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind !== 'interrupted') return undefined;
    throw thrown;
  }
}

/** How much all nodes have counted meanwhile. A node that began anew counts from nothing. */
export function growth(
  before: readonly (Counts | undefined)[],
  after: readonly (Counts | undefined)[],
): Counts {
  const of = (name: Telling) =>
    after.reduce((sum, counts, index) => {
      const [then, now] = [before[index]?.[name], counts?.[name]];
      return then === undefined || now === undefined ? sum : sum + (now >= then ? now - then : now);
    }, 0);
  return Object.fromEntries(TELLING.map((name) => [name, of(name)]));
}
