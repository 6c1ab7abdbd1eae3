import { isUtf8 } from 'node:buffer';
import type { Clock } from '../clock.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { brokenRecord } from './record-json.js';
import { connectRedis, type RedisConnection, type Reply } from './redis-connection.js';
import { contended, isAnswerLost, unknownOutcome } from './redis-errors.js';
import type { AclStore, Decision, NewText, ScannedKey, StoredValue } from './store.js';

/** How often an update begins again when others change the same record. */
const MOST_ATTEMPTS = 100;
const LONGEST_PAUSE = 100;

/** A glob: keys that begin with `[`. */
const RECORD_LIKE = '[[]*';
const PAGE = 1000;

/**
 * Connects to the Redis that holds the records.
 *
 * @throws Failure: unreachable, credentials, configuration
 */
export async function openRedisStore(settings: RedisSettings, clock: Clock): Promise<AclStore> {
  return new RedisStore(await connectRedis(settings), clock);
}

/** The records in a Redis. */
export class RedisStore implements AclStore {
  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
  ) {}

  async get(key: string): Promise<string | undefined> {
    return await this.readText(key);
  }

  async exists(key: string): Promise<boolean> {
    return (await this.redis.call('EXISTS', key)) === 1;
  }

  async update<D extends Decision>(key: string, decide: (current: string | undefined) => D): Promise<D> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const { text, timeToLive } = await this.watch(key);
      // A WATCH that is not followed by EXEC does no harm: at worst the next update begins once more.
      const decision = decide(text);
      if (decision.write === undefined || (await this.writeUnchanged(key, decision.write, timeToLive)))
        return decision;
      await this.clock.sleep(Math.random() * Math.min(LONGEST_PAUSE, 2 ** attempt));
    }
    throw contended(key, MOST_ATTEMPTS);
  }

  async put(key: string, text: string): Promise<boolean> {
    const commands = [
      this.redis.call('MULTI'),
      this.redis.call('EXISTS', key),
      this.redis.call('SET', key, text),
      this.redis.call('EXEC'),
    ];
    const reply = await this.write(key, lastReply(commands));
    return Array.isArray(reply) && reply[0] === 1;
  }

  async putAll(records: readonly NewText[]): Promise<void> {
    if (records.length === 0) return;
    const existing = records.filter(({ existed }) => existed);
    const times = await Promise.all(existing.map(({ key }) => this.redis.call('PTTL', key)));
    const limited = new Map(
      existing.flatMap(({ key }, at) => (Number(times[at]) > 0 ? [[key, times[at]]] : [])),
    );
    // A whole page in one command is several times faster than as many of them; it would end times to live.
    const lasting = records.filter(({ key }) => !limited.has(key)).flatMap(({ key, text }) => [key, text]);
    const sent = records
      .filter(({ key }) => limited.has(key))
      .map(({ key, text }) => this.redis.call('SET', key, text, 'PX', Number(limited.get(key))));
    if (lasting.length > 0) sent.push(this.redis.call('MSET', ...lasting));
    await this.write(
      records.length === 1 ? (records[0]?.key ?? '') : `${records.length} records`,
      lastReply(sent),
    );
  }

  async createAll(records: readonly Pick<NewText, 'key' | 'text'>[]): Promise<boolean> {
    const [first] = records;
    if (!first) return true;
    const args: string[] = [];
    for (const { key, text } of records) args.push(key, text);
    const created = this.redis.call('MSETNX', ...args);
    return (await this.write(`${first.key} and ${records.length - 1} more`, created)) === 1;
  }

  async rename(from: string, to: string): Promise<'renamed' | 'taken' | 'gone'> {
    if (!(await this.exists(from))) return 'gone';
    return (await this.write(from, this.redis.call('RENAMENX', from, to))) === 1 ? 'renamed' : 'taken';
  }

  async remove(key: string): Promise<boolean> {
    return (await this.write(key, this.redis.call('DEL', key))) === 1;
  }

  async *scan(): AsyncGenerator<readonly ScannedKey[]> {
    let cursor = '0';
    do {
      const [next, found] = (await this.redis.call('SCAN', cursor, 'MATCH', RECORD_LIKE, 'COUNT', PAGE)) as [
        Buffer,
        Buffer[],
      ];
      cursor = next.toString();
      if (found.length > 0) yield found.map((key) => ({ key: key.toString(), isUtf8: isUtf8(key) }));
    } while (cursor !== '0');
  }

  async read(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]> {
    if (keys.length === 0) return [];
    const values = (await this.redis.call('MGET', ...keys)) as (Buffer | null)[];
    const missing = keys.filter((_, index) => !values[index]);
    // One question for all of them: of what is not there, nobody needs the type.
    const others = missing.length === 0 ? 0 : Number(await this.redis.call('EXISTS', ...missing));
    return await Promise.all(
      values.map((value, index) => {
        if (value) return readValue(value);
        return others === 0 ? undefined : this.readOther(keys[index] ?? '');
      }),
    );
  }

  async readStrings(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]> {
    if (keys.length === 0) return [];
    const values = (await this.redis.call('MGET', ...keys)) as (Buffer | null)[];
    return values.map((value) => (value ? readValue(value) : undefined));
  }

  close(): void {
    this.redis.close();
  }

  private async readText(key: string): Promise<string | undefined> {
    try {
      return textOf(await this.redis.call('GET', key), key);
    } catch (error) {
      if (error instanceof Failure && error.code === 'wrong_type')
        throw brokenRecord(key, 'it is not a Redis string');
      throw error;
    }
  }

  private async watch(key: string): Promise<{ text: string | undefined; timeToLive: number }> {
    const [, text, timeToLive] = await Promise.all([
      this.redis.call('WATCH', key),
      this.readText(key),
      this.redis.call('PTTL', key),
    ]);
    return { text, timeToLive: Number(timeToLive) };
  }

  /** False when the key was changed since it was watched: then nothing was written. SET alone would end its time to live. */
  private async writeUnchanged(key: string, text: string, timeToLive: number): Promise<boolean> {
    const commands = [
      this.redis.call('MULTI'),
      this.redis.call('SET', key, text),
      ...(timeToLive > 0 ? [this.redis.call('PEXPIRE', key, timeToLive)] : []),
      this.redis.call('EXEC'),
    ];
    return (await this.write(key, lastReply(commands))) !== null;
  }

  /** Once it is sent, only a reply tells whether it was done. */
  private async write(key: string, sent: Promise<Reply>): Promise<Reply> {
    try {
      return await sent;
    } catch (error) {
      if (error instanceof Failure && isAnswerLost(error)) throw unknownOutcome(key, error);
      throw error;
    }
  }

  /** MGET has nothing for a key that is gone and for one that holds no string. */
  private async readOther(key: string): Promise<StoredValue | undefined> {
    const type = String(await this.redis.call('TYPE', key));
    return type === 'none' ? undefined : { kind: 'wrong-type', type };
  }
}

/**
 * The reply to EXEC, null when a watched key was changed. Redis drops the whole transaction when it refuses a command of
 * it, and that refusal says more than the one of EXEC.
 */
async function lastReply(commands: readonly Promise<Reply>[]): Promise<Reply> {
  const outcomes = await Promise.allSettled(commands);
  const refused = outcomes.find((outcome) => outcome.status === 'rejected');
  if (refused) throw refused.reason;
  const last = outcomes.at(-1);
  return last?.status === 'fulfilled' ? last.value : null;
}

const readValue = (bytes: Buffer): StoredValue =>
  isUtf8(bytes) ? { kind: 'text', text: bytes.toString() } : { kind: 'not-utf8' };

function textOf(reply: Reply, key: string): string | undefined {
  if (!Buffer.isBuffer(reply)) return undefined;
  const value = readValue(reply);
  if (value.kind === 'text') return value.text;
  throw brokenRecord(key, 'it is not UTF-8');
}
