import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import { type CliResult, vmqctl } from '../support/cli.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { type Sshd, startSshd } from '../support/sshd.js';

let redis: RedisServer;
let sshd: Sshd;
beforeAll(async () => {
  redis = await startRedis();
  sshd = await startSshd();
});
afterAll(async () => {
  await Promise.all([redis.stop(), sshd.stop()]);
});

let sandbox: Sandbox;
let one: SandboxNode;
let two: SandboxNode;
let folder: string;
let log: string;
const clients: MqttClient[] = [];
const environment = () => ({
  HOME: sshd.home,
  VMQCTL_CONFIG_DIR: folder,
  VMQCTL_REDIS: redis.url,
  DEVICE_PASSWORD: 'device-secret',
});
async function acl(...args: string[]): Promise<void> {
  const given = ['acl', 'set', ...args, '--password-from', 'env:DEVICE_PASSWORD'];
  const { exitCode, stderr } = await vmqctl(given, { env: environment() });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
}

/** A second is enough for a client that stays as it is. */
const explain = (...args: string[]): Promise<CliResult> => explainFor('1s', ...args);

function explainFor(duration: string, ...args: string[]): Promise<CliResult> {
  const given = ['session', 'explain', '--for', duration, '--node', one.httpUrl, ...args];
  return vmqctl(given, { env: environment(), timeout: 60_000 });
}

/** A device that comes again whenever it is disconnected, as devices do. */
function device(node: SandboxNode, onConnect: (client: MqttClient) => void = () => undefined): MqttClient {
  const client = connect(node.mqttUrl, {
    clientId: 'dev-1',
    username: '101',
    password: 'device-secret',
    reconnectPeriod: 200,
  });
  clients.push(client);
  client.on('error', () => undefined);
  client.on('connect', () => onConnect(client));
  return client;
}

const connected = (client: MqttClient) => new Promise((resolve) => client.once('connect', resolve));

interface Document {
  readonly causes: readonly {
    readonly code: string;
    readonly confidence: string;
    readonly message: string;
    readonly cure: string;
  }[];
}
const causesOf = ({ stdout }: CliResult) =>
  (JSON.parse(stdout) as Document).causes.map(({ code, confidence }) => `${confidence} ${code}`);

describe('session explain', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vmqctl-explain-'));
    log = join(folder, 'console.log');
    await writeFile(log, '');
    sandbox = await startSandbox({ nodes: 2, joined: true, apiMode: 'noauth', redisUrl: redis.url });
    const [first, second] = sandbox.nodes;
    if (!first || !second) throw new Error('the sandbox has too few nodes');
    [one, two] = [first, second];
    await acl('client-id=dev-1', 'username=101', '--publish', 'say', '--subscribe', 'hello');
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  it('says where a client is and what it may do, and exits 0 where nothing is wrong', async () => {
    const client = device(two);
    await connected(client);
    await client.subscribeAsync('hello', { qos: 1 });
    const { stdout, stderr, exitCode } = await explain('dev-1');
    expect(stderr).toBe('looking at dev-1 for 1s\n');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/online on sim2@127\.0\.0\.1 from 127\.0\.0\.1:\d+, as 101, MQTT 3\.1\.1/);
    expect(stdout).toMatch(/May publish +│ say/);
    expect(stdout).toMatch(/May subscribe +│ hello/);
    expect(stdout).toContain('hello (QoS 1)');
    expect(stdout).toContain('Nothing was found that disconnects it.');
  });

  it.each([
    ['on one node', () => one],
    ['on two nodes', () => two],
  ])('names two clients that share a client id, %s', async (_name, other) => {
    device(one);
    device(other());
    const result = await explainFor('3s', 'dev-1', '--json');
    expect(causesOf(result)[0]).toMatch(/^(certain|likely) taken_over$/);
    expect(result.exitCode).toBe(10);
  });

  it('names a publish that reconnects for ever because its ACL lacks the topic', async () => {
    const denied = device(one, (client) => client.publish('alarms/1', 'x'));
    await connected(denied);
    // It is gone again before anybody looks: whoever explains it has to tell that from a client that never came.
    const [asked, suspected] = await Promise.all([
      explain('dev-1', '--publish', 'alarms/1'),
      explainFor('5s', 'dev-1', '--json'),
    ]);
    expect(asked.stdout).toContain('likely: its ACL does not let it publish to alarms/1');
    expect(asked.stdout).toContain('vmqctl acl set client-id=dev-1 username=101 --add-publish alarms/1');
    expect(asked.exitCode).toBe(10);
    expect(causesOf(suspected)[0]).toBe('likely publish_denied');
  });

  it('names the filter that its ACL does not grant it', async () => {
    const client = device(one);
    await connected(client);
    await expect(client.subscribeAsync('say')).rejects.toThrow();
    const { stdout, exitCode } = await explain('dev-1', '--subscribe', 'say');
    expect(stdout).toContain('likely: its ACL does not let it subscribe to say');
    expect(stdout).toContain('vmqctl acl set client-id=dev-1 username=101 --add-subscribe say');
    expect(exitCode).toBe(10);
  });

  it('has it from the log, which names the topic, and its cure works', async () => {
    let denied: MqttClient | undefined;
    const taken = new Promise<void>((resolve) => {
      denied = device(one, (client) => {
        client.publish('alarms/1', 'x', { qos: 1 }, (error) => error ?? resolve());
      });
    });
    if (denied) await connected(denied);
    const stamp = new Date().toISOString().replace('Z', '000+00:00');
    await appendFile(
      log,
      `${stamp} [error] <0.1.0> vmq_mqtt_fsm:publish/4:1074: can't auth publish for client {[],<<"dev-1">>} (user <<"101">>) on topic [<<"alarms">>,<<"1">>] due to not_authorized\n`,
    );
    const overSsh = ['--node', `${one.httpUrl}?via=${sshd.url}`, '--log-file', log];
    const result = await vmqctl(
      ['session', 'explain', 'client-id=dev-1', '--for', '1s', ...overSsh, '--json'],
      {
        env: environment(),
        timeout: 60_000,
      },
    );
    expect(causesOf(result)[0]).toBe('certain publish_denied');
    const [cause] = (JSON.parse(result.stdout) as Document).causes;
    expect(cause?.message).toContain('alarms/1');
    const grant = /vmqctl (acl set .*?);/.exec(cause?.cure ?? '')?.[1]?.split(' ') ?? [];
    expect((await vmqctl(grant, { env: environment() })).exitCode).toBe(0);
    await taken;
    expect((await explain('dev-1', '--publish', 'alarms/1', '--json')).exitCode).toBe(0);
  });

  it('tells a login that cannot succeed from a client that nobody knows', async () => {
    const [nobody, without] = await Promise.all([
      explain('dev-2', '--json'),
      explain('dev-2', '--username', '101', '--json'),
    ]);
    expect(causesOf(nobody)).toEqual(['likely not_known']);
    expect(causesOf(without)).toEqual(['likely login_refused', 'possible not_known']);
    expect(without.exitCode).toBe(10);
  });

  it('never shows a password or a hash', async () => {
    await connected(device(one));
    const shown = await Promise.all(['table', 'json'].map((format) => explain('dev-1', '--format', format)));
    for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toMatch(/device-secret|\$2a\$/);
  });

  it('leaves the lines of vmq-admin as they are', async () => {
    const { stdout, exitCode } = await vmqctl(['session', 'show', '--node', one.httpUrl], {
      env: environment(),
    });
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('explain');
    const help = await vmqctl(['session', '--help'], { env: environment() });
    expect(help.stdout).toMatch(/session explain +Say where a client is/);
    expect(help.stdout).toContain('session disconnect');
  });
});

describe('the arguments of session explain', () => {
  it.each([
    [[], 'which client is to be explained?'],
    [['a', 'client-id=b'], 'which client is to be explained?'],
    [['a', '--log-since', 'long'], '--log-since is not a duration'],
  ])('refuses %j', async (args, message) => {
    const given = ['session', 'explain', '--node', 'http://127.0.0.1:1', ...args];
    const { stderr, exitCode } = await vmqctl(given);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(message);
  });
});
