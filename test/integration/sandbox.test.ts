import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { firstOf, SandboxCli } from '../lib/sandbox/cli.js';
import { until } from '../lib/sandbox/support.js';
import { freePorts } from '../support/ports.js';

const modeOf = (cli: SandboxCli, name: string) => statSync(join(cli.folder, name)).mode & 0o777;

describe('vmqctl sandbox', () => {
  test('up, status, down: a cluster that answers, and then is gone', async () => {
    const cli = new SandboxCli();
    const started = await cli.up(['--nodes', '2', '--joined']);
    expect(started).toMatchObject({
      schema: 'vmqctl.sandbox-status/1',
      simulated: true,
      running: true,
      apiKeyFile: null,
    });
    expect(await cli.status()).toEqual(started);
    const { httpUrl, mqttUrl } = firstOf(started);
    const shown = await (await fetch(`${httpUrl}/api/v1/cluster/show`)).json();
    expect(shown).toMatchObject({
      table: [{ Node: 'sim1@127.0.0.1', Running: true }, { Node: 'sim2@127.0.0.1' }],
    });
    await (await connectAsync(mqttUrl, { reconnectPeriod: 0 })).endAsync();
    const down = await cli.run('down');
    expect([down.exitCode, down.stdout]).toEqual([
      0,
      'The sandbox is stopped: 2 simulated nodes are gone.\n',
    ]);
    await expect(fetch(httpUrl)).rejects.toThrow();
    expect(existsSync(join(cli.folder, 'sandbox.json'))).toBe(false);
  });

  test('the table says that it is simulated', async () => {
    const cli = new SandboxCli();
    const { stdout } = await cli.run('up', ['--nodes', '1']);
    expect(stdout).toContain('Simulated brokers');
    expect(stdout).toMatch(/sim1@127\.0\.0\.1.*http:\/\/127\.0\.0\.1:\d+.*mqtt:\/\/127\.0\.0\.1:\d+/);
    expect((await cli.run('status')).stdout).toContain('Simulated brokers');
  });

  test('nodes that are not joined can be joined', async () => {
    const cli = new SandboxCli();
    const { nodes } = await cli.up(['--nodes', '2']);
    const joined = await fetch(`${nodes[1]?.httpUrl}/api/v1/cluster/join?discovery-node=${nodes[0]?.name}`);
    expect(await joined.json()).toEqual({ text: 'Done', type: 'text' });
  });

  test('with nothing running, status and down say so', async () => {
    const cli = new SandboxCli();
    expect(await cli.run('status')).toMatchObject({ exitCode: 0, stdout: 'No sandbox runs.\n' });
    expect(await cli.run('down')).toMatchObject({ exitCode: 0, stdout: 'No sandbox runs.\n' });
    expect(await cli.status()).toEqual({
      schema: 'vmqctl.sandbox-status/1',
      simulated: true,
      running: false,
      stopped: false,
      nodes: [],
    });
  });

  test('a second one is refused, and the first one goes on', async () => {
    const cli = new SandboxCli();
    const first = await cli.up(['--nodes', '1']);
    const second = await cli.run('up', ['--nodes', '1', '--json']);
    expect(second.exitCode).toBe(4);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: 'sandbox_runs', exitCode: 4 } });
    expect(await cli.status()).toEqual(first);
  });

  test('of two that start at once, one wins', async () => {
    const cli = new SandboxCli();
    const results = await Promise.all([cli.run('up', ['--nodes', '1']), cli.run('up', ['--nodes', '1'])]);
    expect(results.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 4]);
    expect((await cli.status()).running).toBe(true);
  });

  test('mode apikey: the key is in a file for its owner only, and nowhere else', async () => {
    const cli = new SandboxCli();
    const started = await cli.up(['--nodes', '1', '--api-mode', 'apikey']);
    const path = started.apiKeyFile ?? '';
    const key = readFileSync(path, 'utf8').trim();
    expect([modeOf(cli, 'sandbox-api-key'), modeOf(cli, 'sandbox.json'), modeOf(cli, 'sandbox.log')]).toEqual(
      [0o600, 0o600, 0o600],
    );
    expect(JSON.stringify(started) + readFileSync(join(cli.folder, 'sandbox.json'), 'utf8')).not.toContain(
      key,
    );
    const url = `${firstOf(started).httpUrl}/api/v1/cluster/show`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { 'x-api-key': key } })).status).toBe(200);
    await cli.run('down');
    expect(existsSync(path)).toBe(false);
  });

  test('the control port obeys nobody without the token', async () => {
    const cli = new SandboxCli();
    await cli.up(['--nodes', '1']);
    const { control } = JSON.parse(readFileSync(join(cli.folder, 'sandbox.json'), 'utf8')) as {
      control: { port: number };
    };
    const answer = await fetch(`http://127.0.0.1:${control.port}/`, { method: 'DELETE' });
    expect(answer.status).toBe(401);
    expect((await cli.status()).running).toBe(true);
  });

  test('ends by itself after its lifetime', async () => {
    const cli = new SandboxCli();
    await cli.up(['--nodes', '1', '--lifetime', '300ms']);
    await until(async () => !(await cli.status()).running);
    expect(existsSync(join(cli.folder, 'sandbox.json'))).toBe(false);
  });

  test.each([
    [['--nodes', '0'], 'a sandbox has 1 to 20 nodes, not 0'],
    [['--nodes', '21'], 'a sandbox has 1 to 20 nodes, not 21'],
    [['--base-port', '65530'], 'there is no room for 3 nodes from port 65530 on'],
    [['--lifetime', 'long'], '--lifetime is not a duration: long'],
  ])('%j is a mistake in usage', async (args, message) => {
    const cli = new SandboxCli();
    const { exitCode, stderr } = await cli.run('up', args);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(message);
    expect((await cli.status()).running).toBe(false);
  });

  test('a port that is taken: it says which, and nothing runs', async () => {
    const cli = new SandboxCli();
    const blocker = createServer();
    const port = (await freePorts(2)) + 1;
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));
    const { exitCode, stderr } = await cli.run('up', ['--nodes', '1', '--base-port', String(port - 1)]);
    blocker.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`port ${port} is taken`);
    expect((await cli.status()).running).toBe(false);
  });

  test('one that crashed does not count, and does not hinder the next', async () => {
    const cli = new SandboxCli();
    const crashed = await cli.up(['--nodes', '1']);
    process.kill(crashed.pid, 'SIGKILL');
    await until(async () => !(await cli.status()).running);
    expect(existsSync(join(cli.folder, 'sandbox.json'))).toBe(true);
    const next = await cli.up(['--nodes', '1']);
    expect(next.pid).not.toBe(crashed.pid);
  });

  test('SIGTERM ends it in good order', async () => {
    const cli = new SandboxCli();
    const { pid } = await cli.up(['--nodes', '1']);
    process.kill(pid, 'SIGTERM');
    await until(() => !existsSync(join(cli.folder, 'sandbox.json')));
  });

  test('one that does not answer is neither believed dead nor replaced', async () => {
    const cli = new SandboxCli();
    const { pid } = await cli.up(['--nodes', '1']);
    process.kill(pid, 'SIGSTOP');
    const answers = await Promise.all([cli.run('status'), cli.run('up'), cli.run('down')]);
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([75, 75, 75]);
    expect(answers[0]?.stderr).toContain(`process ${pid}`);
  });

  test('an unreadable state file is a matter of configuration', async () => {
    const cli = new SandboxCli();
    await cli.up(['--nodes', '1']);
    await cli.run('down');
    writeFileSync(join(cli.folder, 'sandbox.json'), '{broken');
    const { exitCode, stderr } = await cli.run('status');
    rmSync(join(cli.folder, 'sandbox.json'));
    expect(exitCode).toBe(78);
    expect(stderr).toContain('sandbox.json');
  });
});
