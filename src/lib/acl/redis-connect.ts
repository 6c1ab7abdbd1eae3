import { type RedisAddress, readRedisUrl, type ServerAddress } from '../context/redis-url.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { connectServer, loginOf, type RedisConnection } from './redis-connection.js';
import type { RedisDeployment } from './redis-deployment.js';

/**
 * Connects to what a URL names.
 *
 * @throws Failure: unreachable, credentials, configuration (CA file or database)
 */
export async function connectDeployment(settings: RedisSettings): Promise<RedisDeployment> {
  const address = readRedisUrl(settings.url);
  if (address.kind !== 'cluster') return new OneServer(await connectPrimary(address, settings));
  const { connectCluster } = await import('./redis-cluster.js');
  return await connectCluster(address, settings);
}

/**
 * Connects to one server, as the brokers do.
 *
 * @throws Failure: as above, and configuration for a cluster
 */
export async function connectRedis(settings: RedisSettings): Promise<RedisConnection> {
  const address = readRedisUrl(settings.url);
  if (address.kind !== 'cluster') return await connectPrimary(address, settings);
  throw new Failure(
    'configuration',
    'redis_cluster',
    `${settings.url} is a Redis Cluster, which no broker can use`,
    {
      hint: 'Give the URL of one server, such as redis://127.0.0.1:6379.',
    },
  );
}

async function connectPrimary(address: RedisAddress, settings: RedisSettings): Promise<RedisConnection> {
  if (address.kind === 'sentinel') {
    const { connectBySentinels } = await import('./redis-sentinel.js');
    return await connectBySentinels(address, settings);
  }
  const [server] = address.servers as readonly [ServerAddress];
  return await connectServer(server, loginOf(address, settings, settings.url));
}

/** A Redis that is one server. */
export class OneServer implements RedisDeployment {
  constructor(readonly onlyServer: RedisConnection) {}

  on<T>(_key: string, work: (server: RedisConnection) => Promise<T>): Promise<T> {
    return work(this.onlyServer);
  }

  lots<T>(items: readonly T[]): readonly (readonly T[])[] {
    return items.length === 0 ? [] : [items];
  }

  walk<T>(visit: (server: RedisConnection) => AsyncGenerator<T>): AsyncGenerator<T> {
    return visit(this.onlyServer);
  }

  close(): void {
    this.onlyServer.close();
  }
}
