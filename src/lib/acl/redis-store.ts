import type { Clock } from '../clock.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { brokenRecord } from './record-json.js';
import { connectDeployment } from './redis-connect.js';
import type { Command, RedisConnection } from './redis-connection.js';
import type { RedisDeployment } from './redis-deployment.js';
import { contended } from './redis-errors.js';
import { exchangeOnce } from './redis-exchange.js';
import { moveRecord } from './redis-rename.js';
import { decoded, readStrings, readValues, textOf } from './redis-texts.js';
import {
  allDone,
  type Confirmation,
  confirm,
  confirmFound,
  lastReply,
  transaction,
  written,
} from './redis-write.js';
import type {
  AclStore,
  Decision,
  Exchange,
  ExchangeOutcome,
  NewText,
  PackedRecords,
  ScannedKey,
  StoredValue,
} from './store.js';

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
export async function openRedisStore(
  settings: RedisSettings,
  clock: Clock,
  { waitReplicas = 0 }: StoreOptions = {},
): Promise<AclStore> {
  const redis = await connectDeployment(settings);
  // Half of the deadline: WAIT has to end before the call itself is given up.
  return new RedisStore(redis, clock, { replicas: waitReplicas, within: Math.ceil(settings.deadline / 2) });
}

export interface StoreOptions {
  /** `putAll` ends only when so many replicas of each server have what it wrote. */
  readonly waitReplicas?: number | undefined;
}

/** The records in a Redis. */
export class RedisStore implements AclStore {
  constructor(
    private readonly redis: RedisDeployment,
    private readonly clock: Clock,
    private readonly confirmation: Confirmation = { replicas: 0, within: 0 },
  ) {}

  async get(key: string): Promise<string | undefined> {
    return await this.redis.on(key, (server) => readText(server, key));
  }

  async exists(key: string): Promise<boolean> {
    return (await this.redis.on(key, (server) => server.call('EXISTS', key))) === 1;
  }

  async update<D extends Decision>(key: string, decide: (current: string | undefined) => D): Promise<D> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const decision = await this.redis.on(key, (server) => updateOnce(server, key, decide));
      if (decision) return decision;
      await this.clock.sleep(Math.random() * Math.min(LONGEST_PAUSE, 2 ** attempt));
    }
    throw contended(key, MOST_ATTEMPTS);
  }

  async put(key: string, text: string): Promise<boolean> {
    const reply = await this.redis.on(key, (server) =>
      written(key, transaction(server, ['EXISTS', key], ['SET', key, text])),
    );
    return Array.isArray(reply) && reply[0] === 1;
  }

  async putAll(records: readonly NewText[], inPlace: readonly string[] = []): Promise<void> {
    const what = records.length === 1 ? (records[0]?.key ?? '') : `${records.length} records`;
    const lots = this.redis.lots(records, ({ key }) => key);
    const servers = await allDone(
      lots.map((lot) => this.redis.on(lot[0]?.key ?? '', (server) => putLot(server, lot, what))),
    );
    if (this.confirmation.replicas === 0) return;
    await allDone([...new Set(servers)].map((server) => confirm(server, what, this.confirmation)));
    await confirmFound(this.redis, inPlace, servers, this.confirmation);
  }

  async createAll(records: readonly Pick<NewText, 'key' | 'text'>[]): Promise<boolean> {
    const [first] = records;
    if (!first) return true;
    // One command does it for what one command may name together, and for nothing else.
    if (this.redis.lots(records, ({ key }) => key).length > 1) return false;
    const what = `${records.length} records`;
    const args: string[] = [];
    for (const { key, text } of records) args.push(key, text);
    return await this.redis.on(first.key, async (server) => {
      if ((await written(what, server.call('MSETNX', ...args))) !== 1) return false;
      if (this.confirmation.replicas > 0) await confirm(server, what, this.confirmation);
      return true;
    });
  }

  async exchange(exchanges: readonly Exchange[]): Promise<readonly ExchangeOutcome[]> {
    const outcomes = new Map<string, ExchangeOutcome>();
    // One after the other: what is watched is a matter of the connection.
    for (const lot of this.redis.lots(exchanges, ({ key }) => key)) {
      const found = await this.exchangeLot(lot).catch((thrown: unknown) => {
        throw afterSome(thrown, [...outcomes.values()]);
      });
      for (const [at, { key }] of lot.entries()) outcomes.set(key, found[at] ?? 'moved');
    }
    return exchanges.map(({ key }) => outcomes.get(key) ?? 'moved');
  }

  private async exchangeLot(lot: readonly Exchange[]): Promise<readonly ExchangeOutcome[]> {
    const key = lot[0]?.key ?? '';
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const outcomes = await this.redis.on(key, (server) => exchangeOnce(server, lot));
      if (outcomes) return outcomes;
      await this.clock.sleep(Math.random() * Math.min(LONGEST_PAUSE, 2 ** attempt));
    }
    throw contended(key, MOST_ATTEMPTS);
  }

  async createPacked(records: PackedRecords): Promise<boolean> {
    const server = this.redis.onlyServer;
    if (!server) return false;
    const what = `${records.count} records`;
    if ((await written(what, server.callEncoded('MSETNX', records.asCommand('MSETNX')))) !== 1) return false;
    if (this.confirmation.replicas > 0) await confirm(server, what, this.confirmation);
    return true;
  }

  async rename(from: string, to: string): Promise<'renamed' | 'taken' | 'gone'> {
    if (!(await this.exists(from))) return 'gone';
    if (this.redis.lots([from, to], (key) => key).length > 1) return await moveRecord(this.redis, from, to);
    const reply = await this.redis.on(from, (server) => written(from, server.call('RENAMENX', from, to)));
    return reply === 1 ? 'renamed' : 'taken';
  }

  async remove(key: string): Promise<boolean> {
    return (await this.redis.on(key, (server) => written(key, server.call('DEL', key)))) === 1;
  }

  scan(): AsyncGenerator<readonly ScannedKey[]> {
    return this.redis.walk(scanServer);
  }

  async read(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]> {
    return await this.readLots(keys, readValues);
  }

  async readStrings(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]> {
    return await this.readLots(keys, readStrings);
  }

  private async readLots(
    keys: readonly string[],
    readLot: typeof readStrings,
  ): Promise<readonly (StoredValue | undefined)[]> {
    const lots = this.redis.lots([...keys.entries()], ([, key]) => key);
    const values: (StoredValue | undefined)[] = new Array(keys.length);
    await allDone(
      lots.map(async (lot) => {
        const names = lot.map(([, key]) => key);
        const found = await this.redis.on(names[0] ?? '', (server) => readLot(server, names));
        for (const [at, [index]] of lot.entries()) values[index] = found[at];
      }),
    );
    return values;
  }

  close(): void {
    this.redis.close();
  }
}

/** What fails in one server of a cluster tells how many records others have settled before. */
function afterSome(thrown: unknown, outcomes: readonly ExchangeOutcome[]): unknown {
  const settled = outcomes.filter((outcome) => outcome !== 'moved').length;
  if (!(thrown instanceof Failure) || settled === 0) return thrown;
  const { kind, code, message, hint, cause, details } = thrown;
  return new Failure(kind, code, message, { hint, cause, details: { ...details, settled } });
}

/** Undefined when the key was changed since it was read: then nothing was written. */
async function updateOnce<D extends Decision>(
  server: RedisConnection,
  key: string,
  decide: (current: string | undefined) => D,
): Promise<D | undefined> {
  const [, text, timeToLive] = await Promise.all([
    server.call('WATCH', key),
    readText(server, key),
    server.call('PTTL', key),
  ]);
  // A WATCH that is not followed by EXEC does no harm: at worst the next update begins once more.
  const decision = decide(text);
  if (decision.write === undefined) return decision;
  // SET alone would end its time to live.
  const commands: Command[] = [['SET', key, decision.write]];
  if (Number(timeToLive) > 0) commands.push(['PEXPIRE', key, Number(timeToLive)]);
  const reply = await written(key, transaction(server, ...commands));
  return reply === null ? undefined : decision;
}

/**
 * @param records of one lot
 * @returns the server that has them now
 */
async function putLot(
  server: RedisConnection,
  records: readonly NewText[],
  what: string,
): Promise<RedisConnection> {
  const existing = records.filter(({ existed }) => existed);
  const times = await Promise.all(existing.map(({ key }) => server.call('PTTL', key)));
  const limited = new Map(
    existing.flatMap(({ key }, at) => (Number(times[at]) > 0 ? [[key, times[at]]] : [])),
  );
  // A whole page in one command is several times faster than as many of them; it would end times to live.
  const lasting = records.filter(({ key }) => !limited.has(key)).flatMap(({ key, text }) => [key, text]);
  const sent = records
    .filter(({ key }) => limited.has(key))
    .map(({ key, text }) => server.call('SET', key, text, 'PX', Number(limited.get(key))));
  if (lasting.length > 0) sent.push(server.call('MSET', ...lasting));
  await written(what, lastReply(sent));
  return server;
}

function scannedKey(bytes: Buffer): ScannedKey {
  const { text, isUtf8 } = decoded(bytes);
  return { key: text, isUtf8 };
}

async function* scanServer(server: RedisConnection): AsyncGenerator<readonly ScannedKey[]> {
  let cursor = '0';
  do {
    const reply = await server.call('SCAN', cursor, 'MATCH', RECORD_LIKE, 'COUNT', PAGE);
    const [next, found] = reply as [Buffer, Buffer[]];
    cursor = next.toString();
    if (found.length > 0) yield found.map(scannedKey);
  } while (cursor !== '0');
}

async function readText(server: RedisConnection, key: string): Promise<string | undefined> {
  try {
    return textOf(await server.call('GET', key), key);
  } catch (error) {
    if (error instanceof Failure && error.code === 'wrong_type')
      throw brokenRecord(key, 'it is not a Redis string');
    throw error;
  }
}
