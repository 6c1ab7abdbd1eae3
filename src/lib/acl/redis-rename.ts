import type { RedisConnection, Reply } from './redis-connection.js';
import type { RedisDeployment } from './redis-deployment.js';
import { contended } from './redis-errors.js';
import { transaction, written } from './redis-write.js';

/**
 * Gives a record another key that is with another server, as no single command can: it is copied, then removed, and
 * for a moment it is under both keys. Where it changes meanwhile, the copy is taken back.
 *
 * @throws Failure: also failed when it was changed by others
 */
export async function moveRecord(
  redis: RedisDeployment,
  from: string,
  to: string,
): Promise<'renamed' | 'taken' | 'gone'> {
  const source = await redis.on(from, readWithTime);
  if (!source) return 'gone';
  const { bytes, timeToLive } = source;
  const time = timeToLive > 0 ? ['PX', timeToLive] : [];
  const copied = await redis.on(to, (server) => written(to, server.call('SET', to, bytes, 'NX', ...time)));
  if (copied === null) return 'taken';
  if (await redis.on(from, (server) => removeIfSame(server, from, bytes))) return 'renamed';
  await redis.on(to, (server) => removeIfSame(server, to, bytes));
  throw contended(from, 1);

  async function readWithTime(server: RedisConnection) {
    const [value, timeToLive] = await Promise.all([server.call('GET', from), server.call('PTTL', from)]);
    return Buffer.isBuffer(value) ? { bytes: value, timeToLive: Number(timeToLive) } : undefined;
  }
}

async function removeIfSame(server: RedisConnection, key: string, bytes: Buffer): Promise<boolean> {
  const [, value] = await Promise.all([server.call('WATCH', key), server.call('GET', key)]);
  if (!isSame(value, bytes)) return false;
  return (await written(key, transaction(server, ['DEL', key]))) !== null;
}

const isSame = (value: Reply, bytes: Buffer) => Buffer.isBuffer(value) && value.equals(bytes);
