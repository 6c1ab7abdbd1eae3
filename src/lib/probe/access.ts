import type { AclStore } from '../acl/store.js';
import { systemClock } from '../clock.js';
import type { RedisSettings } from '../context/settings.js';
import type { CleanUpAccess } from './cleanup.js';
import type { Credentials } from './client.js';
import { connectMqtt } from './mqtt-client.js';

/**
 * How brokers and Redis are really reached.
 *
 * @param redis how to reach the Redis of this URL
 */
export function openAccess(
  deadline: number,
  credentials: Credentials | undefined,
  redis: (url: string) => Promise<RedisSettings>,
): CleanUpAccess {
  const openStore = async (url: string): Promise<AclStore> => {
    const { openRedisStore } = await import('../acl/redis-store.js');
    return openRedisStore(await redis(url), systemClock);
  };
  return { connect: connectMqtt, credentials, openStore, deadline };
}
