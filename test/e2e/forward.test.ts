import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import { vmqctl } from '../support/cli.js';

let folder: string;
let sandbox: Sandbox;
let one: SandboxNode;
let two: SandboxNode;
let client: MqttClient | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-forward-'));
  sandbox = await startSandbox({ nodes: 2, joined: true, apiMode: 'noauth', timings: { gossip: 200 } });
  const [first, second] = sandbox.nodes;
  if (!first || !second) throw new Error('the sandbox has too few nodes');
  [one, two] = [first, second];
});
afterEach(async () => {
  await client?.endAsync(true);
  client = undefined;
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const run = (line: string, { node = one.httpUrl, input = '' } = {}) =>
  vmqctl([...line.split(' '), ...(node === '' ? [] : ['--node', node])], {
    env: { VMQCTL_CONFIG_DIR: folder, VMQCTL_STATE_DIR: folder },
    input,
  });

async function connect(clientId: string) {
  client = await connectAsync(one.mqttUrl, { clientId, protocolVersion: 4, reconnectPeriod: 0 });
  return client;
}

describe('a question', () => {
  it('is answered as a table, as JSON of vmq-admin, and as CSV', async () => {
    await connect('sensor-1');
    const table = await run('session show --client_id --is_online --node');
    expect(table.exitCode).toBe(0);
    expect(table.stdout).toContain('sensor-1');
    const json = JSON.parse((await run('session show --client_id --is_online --json')).stdout);
    expect(json).toEqual({ type: 'table', table: [{ client_id: 'sensor-1', is_online: true }] });
    const csv = (await run('session show --client_id --format csv')).stdout;
    expect(csv).toBe('client_id\r\nsensor-1\r\n');
  });

  it('goes to the next node where the first is down', async () => {
    const { stdout, stderr, exitCode } = await run('listener show', {
      node: `http://127.0.0.1:1,${two.httpUrl}`,
    });
    expect({ exitCode, listed: stdout.includes('mqtt') }).toEqual({ exitCode: 0, listed: true });
    expect(stderr).toContain('http://127.0.0.1:1: no connection');
    expect(stderr).toContain(`asked ${two.httpUrl}`);
  });

  it('that no node answers exits 69', async () => {
    expect(await run('session show', { node: 'http://127.0.0.1:1' })).toMatchObject({
      stdout: '',
      exitCode: 69,
    });
  });
});

describe('a change', () => {
  it('is made, and its hazards are told', async () => {
    const open = await connect('sensor-1');
    const closed = new Promise<void>((resolve) => open.once('close', () => resolve()));
    const { stdout, stderr, exitCode } = await run('session disconnect client-id=sensor-1');
    expect({ stdout, exitCode }).toEqual({ stdout: 'Done\n', exitCode: 0 });
    expect(stderr).toContain('note: The broker says Done for a client that it does not know too.');
    await closed;
  });

  it('that is dangerous is not made without a yes', async () => {
    await connect('sensor-1');
    const asked = await run('session disconnect client-id=sensor-1 --cleanup');
    expect(asked).toMatchObject({ stdout: '', exitCode: 4 });
    expect(asked.stderr).toContain('the subscriptions and stored messages of the clients are gone');
    expect(asked.stderr).toContain('nothing was changed');
    expect(client?.connected).toBe(true);
    expect(await run('session disconnect client-id=sensor-1 --cleanup --yes')).toMatchObject({ exitCode: 0 });
  });

  it('of one node wants that node', async () => {
    const both = `${one.httpUrl},${two.httpUrl}`;
    const { stderr, exitCode } = await run('metrics reset', { node: both });
    expect(exitCode).toBe(64);
    expect(stderr).toContain('metrics reset is about one node, and 2 are given');
  });

  it('whose answer tells nothing exits 75 and says how to look', async () => {
    const { stderr, exitCode } = await run('set max_client_id_size=120');
    expect(exitCode).toBe(75);
    expect(stderr).toContain('Check the value with show.');
    expect(JSON.parse((await run('show max_client_id_size --json')).stdout).table[0].max_client_id_size).toBe(
      120,
    );
  });
});

describe('an API key', () => {
  it('comes from a file, never from the command line', async () => {
    const key = join(folder, 'key');
    await writeFile(key, 'k3y-0f-a-test\n', { mode: 0o600 });
    expect(await run(`api-key add --key-from file:${key} scope=metrics`)).toMatchObject({
      stdout: 'ok\n',
      exitCode: 0,
    });
    const shown = JSON.parse((await run('api-key show --json')).stdout);
    expect(shown.table).toMatchObject([{ Key: 'k3y-0f-a-test', Scope: 'metrics' }]);
    expect(await run(`api-key add --key-from file:${key} scope=metrics`)).toMatchObject({ exitCode: 1 });
  });

  it.each([
    'api-key add key=S3CRET',
    'api-key delete key=S3CRET --yes',
    'api-key add S3CRET',
    'api-key S3CRET',
  ])('that is there all the same is refused and never repeated: %s', async (line) => {
    for (const format of ['table', 'json']) {
      const { stdout, stderr, exitCode } = await run(`${line} --format ${format}`);
      expect(exitCode).toBe(64);
      expect(stdout + stderr).not.toContain('S3CRET');
    }
  });
});

describe('--show-command', () => {
  it('prints the equal line of vmq-admin and sends nothing', async () => {
    const { stdout, exitCode } = await run('session unsubscribe -p topic=a/# client-id=x --show-command', {
      node: '',
    });
    expect({ stdout, exitCode }).toEqual({
      stdout: "vmq-admin session unsubscribe client-id=x 'topic=a/#' --plugin\n",
      exitCode: 0,
    });
  });

  it('never has the key', async () => {
    const { stdout } = await run('api-key add --key-from stdin --show-command --json', {
      node: '',
      input: 'S3CRET\n',
    });
    expect(JSON.parse(stdout)).toEqual({ command: 'vmq-admin api-key add key=***' });
  });
});

describe('a trace', () => {
  it('is refused over HTTP before anything is sent', async () => {
    const { stderr, exitCode } = await run('trace client client-id=x');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('erl://');
  });
});

describe('a mistake', () => {
  it.each([
    ['sesion show', 'did you mean session show?'],
    ['session disconnect clientid=x', 'did you mean client-id=?'],
    ['session disconnect client-id=x --clenup', 'did you mean --cleanup?'],
    ['session disconnect client-id=abc==', 'loses an ='],
    ['plugin enable -m a -f b -a 2 -h auth_on_publish', '-h is help'],
    ['session disconnect client-id=x --yes=false', '--yes takes no value'],
    ['metrics reset --key-from stdin', '--key-from means nothing'],
  ])('is told before anything is sent: %s', async (line, said) => {
    const { stdout, stderr, exitCode } = await run(line, { node: 'http://127.0.0.1:1' });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 64 });
    expect(stderr).toContain(said);
  });
});

describe('help', () => {
  it('lists the forwarded commands with the others', async () => {
    const { stdout } = await run('--help', { node: '' });
    for (const topic of ['cluster', 'session', 'listener', 'api-key', 'webui', 'describe'])
      expect(stdout).toMatch(new RegExp(`^ {2}${topic} `, 'm'));
    expect(stdout.match(/^ {2}show /gm)).toHaveLength(1);
  });

  it.each([
    ['session --help', ['session disconnect', 'session reauthorize']],
    [
      'session disconnect batch --help',
      ['count=COUNT', '--filter-client-ids', '--node=NODE|URL', 'Since VerneMQ 2.0.0'],
    ],
    ['help session reauthorize', ['username=USER client-id=CLIENT-ID', '! A client that is offline']],
    ['api-key create -h', ['scope=SCOPE', 'mgmt', 'api-key create scope=mgmt expires=']],
    ['webhooks show --help', ['plugin vmq_webhooks']],
    ['plugin enable --help', ['--hook=HOOK']],
  ])('tells keys, flags, hazards, versions and examples: %s', async (line, said) => {
    const { stdout, exitCode } = await run(line, { node: '' });
    expect(exitCode).toBe(0);
    for (const text of said) expect(stdout).toContain(text);
    expect(stdout).not.toMatch(/-h, --hook/);
  });
});
