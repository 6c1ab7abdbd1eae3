import { Failure } from '../failure.js';
import type { Command, RedisConnection, Reply } from './redis-connection.js';
import type { RedisDeployment } from './redis-deployment.js';
import { isAnswerLost, unconfirmed, unknownOutcome } from './redis-errors.js';

/** Once it is sent, only a reply tells whether it was done. */
export async function written<T>(key: string, sent: Promise<T>): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof Failure && isAnswerLost(error)) throw unknownOutcome(key, error);
    throw error;
  }
}

/**
 * The reply to the last, such as EXEC: null when a watched key was changed. Redis drops a whole transaction when it refuses
 * a command of it, and that refusal says more than the one of EXEC.
 */
export async function lastReply(commands: readonly Promise<Reply>[]): Promise<Reply> {
  return (await allDone(commands)).at(-1) ?? null;
}

/** Waits for all, also where one fails: nothing is on its way any more when this ends. */
export async function allDone<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) throw failures.find(isUnknown) ?? failures[0];
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

const isUnknown = (error: unknown) => error instanceof Failure && error.kind === 'unknown';

/** Runs commands as one transaction. */
export function transaction(server: RedisConnection, ...commands: readonly Command[]): Promise<Reply> {
  const all: readonly Command[] = [['MULTI'], ...commands, ['EXEC']];
  return lastReply(all.map((command) => server.call(...command)));
}

/** How many replicas are to have what was written, and within how many milliseconds. */
export interface Confirmation {
  readonly replicas: number;
  readonly within: number;
}

/**
 * Waits until replicas have all that was written over this connection.
 *
 * @throws Failure (unknown) when they have not confirmed it: it is there, but a fail-over could lose it
 */
export async function confirm(
  server: RedisConnection,
  what: string,
  { replicas, within }: Confirmation,
): Promise<void> {
  const confirmed = Number(await written(what, server.call('WAIT', replicas, within)));
  if (confirmed < replicas) throw unconfirmed(what, confirmed, replicas);
}

/**
 * The same of records that were found: an import may have written them that did not live to see it confirmed.
 *
 * @param confirmed servers that were waited for already
 */
export async function confirmFound(
  redis: RedisDeployment,
  keys: readonly string[],
  confirmed: readonly RedisConnection[],
  confirmation: Confirmation,
): Promise<void> {
  const oneOfEach = new Map<RedisConnection, string>();
  for (const [key = ''] of redis.lots(keys, (one) => one))
    oneOfEach.set(await redis.on(key, async (server) => server), key);
  for (const server of confirmed) oneOfEach.delete(server);
  const what = 'records that were found in place';
  const one = async (server: RedisConnection, key: string) => {
    // A server waits for all that it had done when it last answered this connection.
    await server.call('EXISTS', key);
    await confirm(server, what, confirmation);
  };
  await allDone([...oneOfEach.values()].map((key) => redis.on(key, (server) => one(server, key))));
}
