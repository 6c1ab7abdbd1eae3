import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisAddress, ServerAddress } from '../context/redis-url.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { connectServer, loginOf, type RedisConnection } from './redis-connection.js';
import { LATER } from './redis-replies.js';

/** Milliseconds before the sentinels are asked again. */
const PAUSE = 100;

/**
 * Connects to the primary that sentinels name. While they elect another one, it waits, until the deadline.
 *
 * @throws Failure: unreachable, credentials, configuration (a primary that they do not know)
 */
export async function connectBySentinels(
  address: RedisAddress,
  settings: RedisSettings,
): Promise<RedisConnection> {
  const until = Date.now() + settings.deadline;
  for (;;) {
    try {
      return await connectPrimary(await primaryOf(address, settings), address, settings);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'unreachable' || Date.now() >= until) throw error;
      await sleep(PAUSE);
    }
  }
}

/** What the first of the sentinels says that answers and knows of it. */
async function primaryOf(address: RedisAddress, settings: RedisSettings): Promise<ServerAddress> {
  let last: Failure | undefined;
  for (const sentinel of address.servers) {
    try {
      const primary = await askSentinel(sentinel, address, settings);
      if (primary) return primary;
      last ??= unknownMaster(address, settings);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'unreachable') throw ofSentinel(error, address);
      // That one does not know it says more than that others cannot be reached.
      if (last?.kind !== 'configuration') last = error;
    }
  }
  throw last ?? unknownMaster(address, settings);
}

async function askSentinel(
  sentinel: ServerAddress,
  { tls, master }: RedisAddress,
  { caFile, deadline, sentinelPassword }: RedisSettings,
): Promise<ServerAddress | undefined> {
  const place = placeOf(sentinel, tls);
  // The password of Redis is not for the sentinels: they may be others' machines.
  const login = { place, tls, caFile, username: '', password: sentinelPassword, database: '0', deadline };
  const connection = await connectServer(sentinel, login);
  try {
    const reply = await connection.call('SENTINEL', 'get-master-addr-by-name', master);
    if (!Array.isArray(reply)) return undefined;
    return { host: String(reply[0]), port: Number(reply[1]) };
  } finally {
    connection.close();
  }
}

async function connectPrimary(
  server: ServerAddress,
  address: RedisAddress,
  settings: RedisSettings,
): Promise<RedisConnection> {
  const place = placeOf(server, address.tls);
  const connection = await connectServer(server, loginOf(address, settings, place));
  if (await isPrimary(connection)) return connection;
  connection.close();
  throw new Failure(
    'unreachable',
    'redis_failing_over',
    `Redis at ${place} is a replica, though the sentinels name it`,
    {
      hint: LATER,
    },
  );
}

/** A user who may not ask is told by the first write. */
async function isPrimary(connection: RedisConnection): Promise<boolean> {
  try {
    const reply = await connection.call('ROLE');
    return Array.isArray(reply) && String(reply[0]) === 'master';
  } catch (error) {
    if (error instanceof Failure && error.code === 'redis_permission') return true;
    connection.close();
    throw error;
  }
}

/** Their password is another one than that of Redis. */
function ofSentinel(error: unknown, { tls, servers }: RedisAddress): unknown {
  if (!(error instanceof Failure) || error.kind !== 'credentials') return error;
  const places = servers.map((server) => placeOf(server, tls)).join(', ');
  const code = error.code.replace(/^redis_/, 'sentinel_');
  return new Failure('credentials', code, `a sentinel at ${places} did not let us in`, {
    hint: 'Their password is in VMQCTL_REDIS_SENTINEL_PASSWORD; leave it out where they have none.',
    cause: error,
  });
}

function unknownMaster({ master }: RedisAddress, { url }: RedisSettings): Failure {
  return new Failure('configuration', 'redis_master_unknown', `the sentinels of ${url} know no ${master}`, {
    hint: 'Its name is the one in "sentinel monitor" of sentinel.conf.',
  });
}

function placeOf(server: ServerAddress, tls: boolean): string {
  if ('path' in server) return server.path;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${tls ? 'rediss' : 'redis'}://${host}:${server.port}`;
}
