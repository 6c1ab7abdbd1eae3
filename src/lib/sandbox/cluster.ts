import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.js';
import { Failure } from '../failure.js';
import { Secret } from '../secret.js';
import { nodeHandle, type SandboxNode } from './handle.js';
import { ManagementServer } from './http/server.js';
import { joinAtOnce } from './membership/membership.js';
import { createBroker } from './mqtt/broker.js';
import { type Ports, type Services, SimulatedNode } from './node/node.js';
import { World } from './node/world.js';
import { DEFAULT_TIMINGS, type SandboxOptions } from './options.js';
import { OutageSet } from './outages/set.js';
import { SandboxEpmd } from './ports/epmd.js';
import type { RecordSource } from './records.js';
import { redisRecords } from './redis-records.js';

/** Simulated brokers, all in this process, all on the loopback address. */
export interface Sandbox {
  readonly nodes: readonly SandboxNode[];
  /** Where its epmd tells the Erlang ports of the nodes, and the cookie that they have. */
  readonly epmdPort: number;
  readonly cookie: string;
  readonly outages: OutageSet;
  /** Starts one more node, which is alone. */
  addNode(): Promise<SandboxNode>;
  /** Stops everything. Nothing of it is left afterwards. */
  close(): Promise<void>;
}

const MOST_NODES = 20;

const SERVICES: Services = {
  broker: createBroker,
  http: (node, port) => new ManagementServer(node, port),
};

/**
 * Starts simulated brokers.
 *
 * @throws Failure: usage for options that do not fit together; unreachable, credentials or configuration for Redis;
 *   failed when a port is taken
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  check(options);
  const records = options.records ?? (await fromRedis(options));
  const world = new World<SimulatedNode>(
    options.clock ?? systemClock,
    { ...DEFAULT_TIMINGS, ...options.timings },
    options.apiMode,
    records,
  );
  const sandbox = new InProcessSandbox(world, options);
  try {
    await sandbox.open();
    for (let count = 0; count < options.nodes; count++) await sandbox.addNode();
  } catch (thrown) {
    await sandbox.close();
    throw thrown;
  }
  if (options.joined) joinAtOnce(world.all());
  return sandbox;
}

class InProcessSandbox implements Sandbox {
  readonly nodes: SandboxNode[] = [];
  readonly cookie: string;
  readonly outages: OutageSet;
  private readonly epmd: SandboxEpmd;

  constructor(
    private readonly world: World<SimulatedNode>,
    private readonly options: SandboxOptions,
  ) {
    this.cookie = options.cookie ?? randomBytes(16).toString('hex');
    this.outages = new OutageSet(() => world.all());
    this.epmd = new SandboxEpmd((name) => {
      const node = world.all().find((one) => one.name.startsWith(`${name}@`));
      return node?.isRunning ? node.links.erlang.port : undefined;
    });
  }

  get epmdPort(): number {
    return this.epmd.port;
  }

  open(): Promise<void> {
    return this.epmd.open();
  }

  async addNode(): Promise<SandboxNode> {
    const number = this.nodes.length + 1;
    const node = new SimulatedNode(
      `sim${number}@127.0.0.1`,
      this.world,
      { ...portsOf(number, this.options.basePort), cookie: this.cookie },
      SERVICES,
    );
    const { apiMode, apiKey } = this.options;
    if (apiMode === 'apikey' && apiKey !== undefined)
      node.apiKeys.add({ key: apiKey, scope: 'mgmt', expires: null });
    await start(node);
    this.world.add(node);
    const handle = nodeHandle(node);
    this.nodes.push(handle);
    return handle;
  }

  async close(): Promise<void> {
    this.world.close();
    await Promise.all(this.world.all().map((node) => node.halt()));
    await this.epmd.close();
    await this.world.records?.close();
  }
}

function check({ nodes, apiMode, apiKey, basePort }: SandboxOptions): void {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST_NODES) {
    throw new Failure('usage', 'bad_node_count', `a sandbox has 1 to ${MOST_NODES} nodes, not ${nodes}`);
  }
  if (apiMode === 'apikey' && !apiKey)
    throw new Failure('usage', 'no_api_key', 'mode apikey needs an API key');
  if (basePort !== undefined && !(basePort >= 1024 && portsOf(nodes, basePort).clustering <= 65_535)) {
    throw new Failure(
      'usage',
      'bad_base_port',
      `there is no room for ${nodes} nodes from port ${basePort} on`,
      {
        hint: 'Each node takes 10 ports; none is below 1024.',
      },
    );
  }
}

async function fromRedis({
  redisUrl,
  redisPassword,
  redisCaFile,
  redisDeadline = 5000,
}: SandboxOptions): Promise<RecordSource | null> {
  if (redisUrl === undefined) return null;
  return await redisRecords({
    url: redisUrl,
    deadline: redisDeadline,
    ...(redisPassword === undefined ? {} : { password: new Secret(redisPassword) }),
    ...(redisCaFile === undefined ? {} : { caFile: redisCaFile }),
  });
}

async function start(node: SimulatedNode): Promise<void> {
  try {
    await node.start();
  } catch (cause) {
    await node.halt();
    throw new Failure(
      'failed',
      'node_did_not_start',
      `${node.name} could not start: ${(cause as Error).message}`,
      { cause },
    );
  }
}

const portsOf = (number: number, base: number | undefined): Omit<Ports, 'cookie'> => ({
  http: base === undefined ? 0 : base + 10 * (number - 1),
  mqtt: base === undefined ? 0 : base + 10 * (number - 1) + 1,
  clustering: base === undefined ? 0 : base + 10 * (number - 1) + 2,
});
