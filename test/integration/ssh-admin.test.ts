import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Connector, openConnector } from '../../src/lib/admin/connect.js';
import type { AdminCommand, AdminRpc } from '../../src/lib/admin/rpc.js';
import type { VmqAdminOptions } from '../../src/lib/admin/ssh/vmq-admin-line.js';
import { Failure } from '../../src/lib/failure.js';
import { Secret } from '../../src/lib/secret.js';
import { freePort } from '../support/ports.js';
import { type BrokerHost, brokerHost, recordedAnswers } from '../support/ssh-admin/host.js';
import { processes, type Sshd, startSshd, until } from '../support/sshd.js';

const SHOW: AdminCommand = { words: ['cluster', 'show'] };
const SET: AdminCommand = { words: ['set'], arguments: [['max_client_id_size', '7']] };
const LEAVE: AdminCommand = {
  words: ['cluster', 'leave'],
  arguments: [['node', 'a@b']],
  flags: [['kill_sessions', true]],
};
const TRACE: AdminCommand = { words: ['trace', 'client'], arguments: [['client-id', 'c']] };
const OPTIONS = { deadline: 10_000 };

let sshd: Sshd;
let host: BrokerHost;
beforeAll(async () => {
  sshd = await startSshd();
  host = await brokerHost(recordedAnswers());
});
afterAll(async () => {
  await sshd.stop();
  await host.remove();
});

async function connect(vmqAdmin: VmqAdminOptions = { path: host.vmqAdmin }, more = {}): Promise<Connector> {
  const ssh = { home: sshd.home, systemFolder: '/nowhere', environment: {}, vmqAdmin };
  const connector = await openConnector({ apiKeyHeader: 'basic', ssh, ...more });
  onTestFinished(() => connector.close());
  return connector;
}

const rpc = async (vmqAdmin?: VmqAdminOptions): Promise<AdminRpc> => (await connect(vmqAdmin)).rpc(sshd.url);

/** A `vmq-admin` that does what a script says. */
const scripted = async (name: string, script: string, more: VmqAdminOptions = {}) =>
  rpc({ ...more, path: await host.program(name, `#!/bin/sh\n${script}\n`) });

const isRunning = async (mark: string) =>
  [...(await processes()).values()].some((line) => line.includes(mark));

describe('what vmq-admin writes', () => {
  it('comes while it runs', async () => {
    const go = join(host.folder, 'go');
    const slow = await scripted(
      'slow',
      `echo "Migrated 1/2 queues and 0/0 messages"; while [ ! -e ${go} ]; do sleep 0.05; done; printf '{"text":"Done","type":"text"}'`,
    );
    const lines: string[] = [];
    const call = slow.call(LEAVE, { deadline: 0, onOutput: (line) => lines.push(line) });
    await until(() => lines.length === 1, 'no line came');
    await host.program('go', '');
    expect(await call).toMatchObject({
      code: 'leave_unverified',
      elements: [{ type: 'text', text: 'Done' }],
    });
    expect(lines).toEqual(['Migrated 1/2 queues and 0/0 messages']);
  });

  it('comes whole where it is long', async () => {
    const table = Array.from({ length: 40_000 }, (_, index) => ({
      client_id: `client-${index}`,
      user: 'é𝄞',
    }));
    await host.program('table.json', JSON.stringify({ table, type: 'table' }));
    const long = await scripted('long', `cat ${join(host.folder, 'table.json')}`);
    const { elements } = await long.call({ words: ['session', 'show'] }, OPTIONS);
    expect(elements).toEqual([{ type: 'table', rows: table }]);
  });
});

describe('Ctrl-C', () => {
  it('ends what runs there', async () => {
    const sleeping = await scripted('sleeping', 'echo started; exec sleep 4711.5');
    const stop = new AbortController();
    let hasStarted = false;
    const onOutput = () => (hasStarted = true);
    const call = sleeping.call(LEAVE, { deadline: 0, signal: stop.signal, onOutput });
    await until(() => hasStarted, 'it has not started');
    stop.abort();
    await expect(call).rejects.toMatchObject({ kind: 'interrupted' });
    await until(async () => !(await isRunning('sleep 4711.5')), 'it still runs');
  });

  it('is the end of a trace, which runs until then', async () => {
    const tracing = await scripted('tracing', 'echo traced; read -r line; echo ended');
    const lines: string[] = [];
    const stop = new AbortController();
    let isOver = false;
    const call = tracing
      .call(TRACE, { deadline: 0, signal: stop.signal, onOutput: (line) => lines.push(line) })
      .finally(() => (isOver = true));
    await until(() => lines.length === 1, 'no line came');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isOver).toBe(false);
    stop.abort();
    await expect(call).rejects.toMatchObject({ kind: 'interrupted' });
    await until(async () => !(await isRunning('vmq-admin trace')), 'it still runs');
    expect(lines).toEqual(['traced']);
  });
});

describe('a connection that is lost', () => {
  it('in the middle of a command leaves open what has happened', async () => {
    const server = await startSshd({ home: sshd.home });
    onTestFinished(() => server.stop());
    const path = await host.program(
      'lost',
      '#!/bin/sh\necho "Migrated 1/2 queues and 0/0 messages"; exec sleep 4712.5\n',
    );
    const lost = (await connect({ path })).rpc(server.url);
    let started = 0;
    const options = { deadline: 0, onOutput: () => void started++ };
    const calls = [LEAVE, SET, SHOW].map((command) => lost.call(command, options));
    await until(() => started === 3, 'not all have started');
    await server.killConnections();
    const replies = await Promise.all(calls);
    expect(replies.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['unknown', 'leave_in_progress'],
      ['unknown', 'outcome_unknown'],
      ['failed', 'no_answer'],
    ]);
    await until(async () => !(await isRunning('sleep 4712.5')), 'it still runs');
  });

  it('is made again for the next command', async () => {
    const server = await startSshd({ home: sshd.home });
    onTestFinished(() => server.stop());
    const again = (await connect()).rpc(server.url);
    expect((await again.call(SHOW, OPTIONS)).outcome).toBe('done');
    await server.killConnections();
    expect((await again.call(SHOW, OPTIONS)).outcome).toBe('done');
  });
});

describe('sudo', () => {
  const sudo = (text: string) => host.program('sudo', `#!/bin/sh\n${text}\n`);
  it('runs it without ever asking', async () => {
    await sudo('[ "$1" = -n ] || exit 9; shift; exec "$@"');
    const shell = await host.program(
      'login',
      `#!/bin/sh\nPATH=${host.folder}:$PATH exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`,
    );
    const server = await startSshd({ home: sshd.home, config: [`ForceCommand ${shell}`] });
    onTestFinished(() => server.stop());
    const asked = async () => (await connect({ sudo: true })).rpc(server.url).call(SHOW, OPTIONS);
    expect(await asked()).toMatchObject({ outcome: 'done' });
    await sudo('echo "sudo: a password is required" >&2; exit 1');
    expect(await asked()).toMatchObject({ outcome: 'refused', code: 'sudo_password', kind: 'credentials' });
    await sudo('echo "Sorry, user op is not allowed to execute it." >&2; exit 1');
    expect(await asked()).toMatchObject({ outcome: 'refused', code: 'sudo_denied', kind: 'credentials' });
  });
});

describe('a prefix', () => {
  it('runs it inside of a container', async () => {
    const docker = await host.program(
      'docker',
      `#!/bin/sh\n[ "$2" = "my broker" ] || { echo "Error response from daemon: No such container: $2" >&2; exit 1; }\nshift 2\nPATH=${host.folder}:$PATH exec "$@"\n`,
    );
    const inside = await rpc({ prefix: [docker, 'exec', 'my broker'] });
    expect((await inside.call(SHOW, OPTIONS)).outcome).toBe('done');
    expect((await inside.membership(OPTIONS)).node).toBe('VerneMQ21@127.0.0.1');
    const missing = await rpc({ prefix: [docker, 'exec', 'other'] });
    expect(await missing.call(SHOW, OPTIONS)).toMatchObject({ outcome: 'refused', code: 'prefix_failed' });
  });
});

describe('a tunnel', () => {
  it('carries https, with the certificate checked against the node and not against the bastion', async () => {
    const extensions = [
      { name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] },
    ];
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'broker' }], { extensions });
    const seen: unknown[] = [];
    const server = https.createServer({ cert, key }, (request, response) => {
      seen.push([request.url, (request.socket as { servername?: unknown }).servername]);
      response.end('[{"a@b":{"mystatus":[{"a@b":true}],"version":"2.1.2"}}]');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const at = (name: string) => `https://${name}:${port}?via=${sshd.url}`;
    const trusting = await connect({}, { authorities: cert });
    expect((await trusting.rpc(at('127.0.0.1')).views(OPTIONS)).self).toBe('a@b');
    expect((await trusting.rpc(at('127.0.0.1')).views(OPTIONS)).self).toBe('a@b');
    for (const [connector, name] of [
      [trusting, 'localhost'],
      [await connect(), '127.0.0.1'],
    ] as const)
      await expect(connector.rpc(at(name)).views(OPTIONS)).rejects.toMatchObject({ code: 'tls_not_trusted' });
    expect(seen).toEqual([
      ['/status.json', false],
      ['/status.json', false],
    ]);
  });

  it('that breaks in the middle of a leave leaves open what has happened, one that never opened does not', async () => {
    const bastion = await startSshd({ home: sshd.home });
    onTestFinished(() => bastion.stop());
    let asked = 0;
    const broker = http.createServer(() => void asked++);
    await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      broker.closeAllConnections();
      broker.close();
    });
    const { port } = broker.address() as AddressInfo;
    const connector = await connect();
    const call = connector.rpc(`http://127.0.0.1:${port}?via=${bastion.url}`).call(LEAVE, OPTIONS);
    await until(() => asked === 1, 'it was not asked');
    await bastion.killConnections();
    expect(await call).toMatchObject({ outcome: 'unknown', code: 'leave_in_progress' });

    const closed = connector.rpc(`http://127.0.0.1:${await freePort()}?via=${bastion.url}`);
    const unreachable = { outcome: 'refused', kind: 'unreachable' };
    expect(await closed.call(LEAVE, OPTIONS)).toMatchObject(unreachable);
    const nowhere = connector.rpc(`http://127.0.0.1:${port}?via=ssh://root@127.0.0.1:${await freePort()}`);
    expect(await nowhere.call(LEAVE, OPTIONS)).toMatchObject(unreachable);
    expect(asked).toBe(1);
  });

  it('is one connection for all nodes behind a bastion, and a jump host for SSH itself', async () => {
    const bastion = await startSshd({ home: sshd.home });
    onTestFinished(() => bastion.stop());
    const broker = http.createServer((_request, response) => response.end('{"type":"text","text":"x"}'));
    await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void broker.close());
    const { port } = broker.address() as AddressInfo;
    const connector = await connect();
    const rpcs = ['127.0.0.1', 'localhost'].map((name) =>
      connector.rpc(`http://${name}:${port}?via=${bastion.url}`),
    );
    const jumping = connector.rpc(`${sshd.url}?via=${bastion.url}`);
    const replies = await Promise.all([...rpcs, ...rpcs, jumping].map((one) => one.call(SHOW, OPTIONS)));
    expect(replies.map(({ outcome }) => outcome)).toEqual(replies.map(() => 'done'));
    expect(bastion.log().match(/Accepted publickey/g)).toHaveLength(1);
  });
});

describe('a secret', () => {
  const SECRETS = ['pl4nted-key', 'pl4nted-cookie'];

  it('is in no failure and in no reply, whatever goes wrong', async () => {
    const connector = await connect(
      { path: await host.program('failing', '#!/bin/sh\necho "no such thing" >&2; exit 1\n') },
      { apiKey: new Secret('pl4nted-key'), cookie: new Secret('pl4nted-cookie') },
    );
    const dead = await freePort();
    const key: AdminCommand = { words: ['api-key', 'delete'], arguments: [['key', 'pl4nted-key']] };
    const said: string[] = [];
    for (const address of [
      sshd.url,
      `ssh://root@127.0.0.1:${dead}`,
      `http://127.0.0.1:${dead}?via=${sshd.url}`,
      `erl://a@127.0.0.1?port=${dead}&via=${sshd.url}`,
    ]) {
      const reply = await connector.rpc(address).call(key, OPTIONS);
      expect(reply.outcome).not.toBe('done');
      const thrown = await connector
        .rpc(address)
        .views(OPTIONS)
        .catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(Failure);
      said.push(inspect(reply, { depth: 9 }), inspect(thrown, { depth: 9 }));
    }
    expect(said.join('\n')).toContain('no such thing');
    for (const secret of SECRETS) expect(said.join('\n')).not.toContain(secret);
  });
});
