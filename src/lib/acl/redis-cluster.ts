import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisAddress } from '../context/redis-url.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure, type FailureKind } from '../failure.js';
import { ClusterNodes, isPassing, nameOf } from './redis-cluster-nodes.js';
import type { Argument, RedisConnection, Reply } from './redis-connection.js';
import type { RedisDeployment } from './redis-deployment.js';
import { NotDoneHere } from './redis-errors.js';
import { LATER } from './redis-replies.js';
import { slotOf } from './redis-slot.js';

/** Milliseconds before a server is asked again. */
const PAUSE = 100;
/** How often work is begun again without a pause. */
const MOST_AT_ONCE = 4;

/**
 * Connects to a cluster by some of its servers. While none of those that answer knows who has which slot, it waits, until
 * the deadline.
 *
 * @throws Failure: unreachable, credentials, configuration
 */
export async function connectCluster(
  address: RedisAddress,
  settings: RedisSettings,
): Promise<RedisDeployment> {
  const nodes = new ClusterNodes(address, settings);
  const until = Date.now() + settings.deadline;
  for (;;) {
    try {
      await nodes.refresh();
      return new RedisCluster(nodes, settings);
    } catch (error) {
      if (!isPassing(error) || Date.now() >= until) {
        nodes.close();
        throw error;
      }
      await sleep(PAUSE);
    }
  }
}

/** The primaries of a cluster, as they are at the moment. */
class RedisCluster implements RedisDeployment {
  readonly onlyServer = undefined;

  constructor(
    private readonly nodes: ClusterNodes,
    private readonly settings: RedisSettings,
  ) {}

  async on<T>(key: string, work: (server: RedisConnection) => Promise<T>): Promise<T> {
    const slot = slotOf(key);
    const until = Date.now() + this.settings.deadline;
    let server: RedisConnection | undefined;
    for (let attempt = 0; ; attempt += 1) {
      try {
        server ??= await this.nodes.ownerOf(slot);
        return await work(server);
      } catch (error) {
        // A primary that cannot be reached may be replaced by one of its replicas in a moment.
        const canGoOn = error instanceof NotDoneHere || isKind(error, 'unreachable');
        if (isKind(error, 'unreachable') || isKind(error, 'unknown')) this.nodes.doubt();
        if (!canGoOn || Date.now() >= until) throw error;
        // Servers that do not agree yet may send us to and fro.
        if (attempt >= MOST_AT_ONCE) await sleep(PAUSE);
        server = await this.after(error, slot);
      }
    }
  }

  lots<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
    const bySlot = new Map<number, T[]>();
    for (const item of items) {
      const slot = slotOf(keyOf(item));
      const lot = bySlot.get(slot);
      if (lot) lot.push(item);
      else bySlot.set(slot, [item]);
    }
    return [...bySlot.values()];
  }

  async *walk<T>(visit: (server: RedisConnection) => AsyncGenerator<T>): AsyncGenerator<T> {
    const before = await this.steadyLayout();
    for (const name of this.nodes.primaries()) yield* visit(await this.nodes.connection(name));
    const after = await this.steadyLayout();
    if (before !== after) throw moving(this.settings.url);
  }

  close(): void {
    this.nodes.close();
  }

  /** Where to go on; undefined for the owner of the slot, as it is known by then. */
  private async after(error: unknown, slot: number): Promise<RedisConnection | undefined> {
    const [verb, , target] = error instanceof NotDoneHere ? error.reply.split(' ') : [];
    if (verb === 'MOVED' && target) {
      if (this.nodes.move(slot, target)) return undefined;
    } else if (verb === 'ASK' && target && !target.startsWith(':')) {
      return new AskingConnection(await this.nodes.connection(nameOf(target)));
    }
    await sleep(PAUSE);
    this.nodes.doubt();
    return undefined;
  }

  /** Which server has which slots. While keys are moved from one to another, a walk could miss some. */
  private async steadyLayout(): Promise<string> {
    await this.nodes.refresh();
    for (const name of this.nodes.primaries()) {
      const text = String(await (await this.nodes.connection(name)).call('CLUSTER', 'NODES'));
      if (/\[\d+-[<>]-/.test(text)) throw moving(this.settings.url);
    }
    return this.nodes.layout();
  }
}

const isKind = (error: unknown, kind: FailureKind): boolean =>
  error instanceof Failure && error.kind === kind;

function moving(place: string): Failure {
  return new Failure(
    'failed',
    'redis_cluster_moving',
    `the Redis Cluster at ${place} is moving keys between its servers, so the list may not be complete`,
    { hint: `${LATER} redis-cli --cluster check HOST:PORT says whether it goes on.` },
  );
}

/** A server that takes over a slot answers for it only to those who say that they were sent. */
class AskingConnection implements RedisConnection {
  private isInTransaction = false;

  constructor(private readonly server: RedisConnection) {}

  call(command: string, ...args: readonly Argument[]): Promise<Reply> {
    return this.asked(command, () => this.server.call(command, ...args));
  }

  callEncoded(name: string, command: Buffer): Promise<Reply> {
    return this.asked(name, () => this.server.callEncoded(name, command));
  }

  private asked(command: string, call: () => Promise<Reply>): Promise<Reply> {
    // It holds for one command, or for one transaction.
    const asking = this.isInTransaction ? undefined : this.server.call('ASKING');
    this.isInTransaction = command === 'MULTI' || (this.isInTransaction && command !== 'EXEC');
    const reply = call();
    return asking ? Promise.all([reply, asking]).then(([answer]) => answer) : reply;
  }

  close(): void {
    this.server.close();
  }
}
