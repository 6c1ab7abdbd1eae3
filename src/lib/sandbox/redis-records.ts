import { connectRedis } from '../acl/redis-connect.js';
import type { RedisConnection } from '../acl/redis-connection.js';
import type { RedisSettings } from '../context/settings.js';
import type { RecordSource } from './records.js';

/**
 * The user records of a real Redis, each read at the moment of a login. A connection that was lost is made again.
 *
 * @throws Failure (unreachable, credentials, configuration) when there is no connection to begin with
 */
export async function redisRecords(settings: RedisSettings): Promise<RecordSource> {
  const records = new RedisRecords(settings);
  await records.connect();
  return records;
}

class RedisRecords implements RecordSource {
  private connection: Promise<RedisConnection> | null = null;

  constructor(private readonly settings: RedisSettings) {}

  async connect(): Promise<RedisConnection> {
    this.connection ??= connectRedis(this.settings);
    return await this.connection;
  }

  async get(key: string): Promise<string | null> {
    try {
      return await this.ask(key);
    } catch {
      // The connection may have been lost long ago: the second error is the one that counts.
      await this.close();
      return await this.ask(key);
    }
  }

  async close(): Promise<void> {
    const { connection } = this;
    this.connection = null;
    // One that was never made needs no closing.
    await connection?.then((made) => made.close()).catch(() => {});
  }

  private async ask(key: string): Promise<string | null> {
    const connection = await this.connect();
    const reply = await connection.call('GET', key);
    return reply === null ? null : String(reply);
  }
}
