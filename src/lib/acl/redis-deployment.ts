import { type RedisAddress, readRedisUrl, type ServerAddress } from '../context/redis-url.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { connectServer, loginOf, type RedisConnection } from './redis-connection.js';

/** The servers that hold the records together: one, or the primaries of a cluster. */
export interface RedisDeployment {
  /**
   * Does work with the server that holds a key. It is begun again where that server says that the key is with another one
   * by now, and may be where it cannot be reached.
   *
   * @param work all of whose commands name keys of the same lot; a write without an answer must fail as `unknown`, so
   *   that it is not repeated
   */
  on<T>(key: string, work: (server: RedisConnection) => Promise<T>): Promise<T>;

  /** Splits items into lots whose keys one command, or one transaction, may name together. */
  lots<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[];

  /**
   * Goes through all servers, one after the other.
   *
   * @throws Failure (failed) when keys moved from one server to another meanwhile, so that some may have been missed
   */
  walk<T>(visit: (server: RedisConnection) => AsyncGenerator<T>): AsyncGenerator<T>;

  /** Where all keys are, if that is one server. */
  readonly onlyServer: RedisConnection | undefined;

  close(): void;
}

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
