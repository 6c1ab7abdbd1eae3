import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { HttpAdminRpc } from '../../src/lib/admin/http/client.js';
import { ErlangAdminRpc } from '../../src/lib/admin/native/client.js';
import { openSsh, type SshConnectOptions, type SshWays } from '../../src/lib/admin/ssh/open.js';
import type { OpenStream } from '../../src/lib/admin/ssh/tunnel.js';
import { startSandbox } from '../../src/lib/sandbox/cluster.js';
import { Secret } from '../../src/lib/secret.js';
import { type ContractWorld, describeAdminRpc } from '../support/admin-contract.js';
import { startEpmd, startErlangNode } from '../support/erlang-node.js';
import { freePort } from '../support/ports.js';
import { brokerHost, recordedAnswers, said } from '../support/ssh-admin/host.js';
import { generateKey, type Sshd, startSshd } from '../support/sshd.js';

const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The port of a peer that accepts connections and says nothing. */
async function silentPort(): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

async function overHttp(openStream?: OpenStream): Promise<ContractWorld> {
  const sandbox = await startSandbox({ nodes: 2, joined: true, apiMode: 'noauth' });
  const locked = await startSandbox({ nodes: 1, joined: true, apiMode: 'apikey', apiKey: 'right' });
  ends.push(() => sandbox.close());
  ends.push(() => locked.close());
  const [self, other] = sandbox.nodes;
  await other?.kill();
  const [nowhere, silent] = [await freePort(), await silentPort()];
  const open = (url = '', apiKey?: Secret) =>
    new HttpAdminRpc({ url, openStream, apiKey, apiKeyHeader: 'basic' });
  return {
    self: self?.name ?? '',
    other: other?.name ?? '',
    open: () => open(self?.httpUrl),
    withWrongSecret: () => open(locked.nodes[0]?.httpUrl, new Secret('wrong')),
    nowhere: () => open(`http://127.0.0.1:${nowhere}`),
    silent: () => open(`http://127.0.0.1:${silent}`),
  };
}

async function overErlang(openStream?: OpenStream): Promise<ContractWorld> {
  const epmd = await startEpmd();
  ends.push(() => epmd.stop());
  const node = await startErlangNode({ epmd, cookie: 'right', name: 'VerneMQ1' });
  ends.push(() => node.kill());
  const [nowhere, silent] = [await freePort(), await silentPort()];
  const open = (port?: number, cookie = 'right') =>
    new ErlangAdminRpc({
      url: `erl://${node.name}${port === undefined ? '' : `?port=${port}`}`,
      cookie: new Secret(cookie),
      epmdPort: epmd.port,
      openStream,
    });
  return {
    self: node.name,
    other: 'VerneMQ2@127.0.0.1',
    open: () => open(),
    withWrongSecret: () => open(undefined, 'wrong'),
    nowhere: () => open(nowhere),
    silent: () => open(silent),
  };
}

async function server(): Promise<Sshd> {
  const sshd = await startSshd();
  ends.push(() => sshd.stop());
  return sshd;
}

function ways(options: SshConnectOptions): SshWays {
  const ssh = openSsh({ systemFolder: '/nowhere', environment: {}, ...options });
  ends.push(() => ssh.close());
  return ssh;
}

/** Of somebody who knows the server, and whom it does not know. */
async function strangersHome(known: Sshd): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'stranger-'));
  ends.push(() => rm(home, { recursive: true }));
  await mkdir(join(home, '.ssh'));
  await copyFile(join(known.home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts'));
  await generateKey(join(home, '.ssh/id_ed25519'));
  return home;
}

async function overSsh(): Promise<ContractWorld> {
  const [self, other] = ['VerneMQ21@127.0.0.1', 'VerneMQ22@127.0.0.1'];
  const table = [
    { Node: self, Running: true },
    { Node: other, Running: false },
  ];
  const answers = recordedAnswers();
  answers.set('cluster show --format=json', said(JSON.stringify({ table, type: 'table' })));
  answers.set('cluster leave node=nobody@127.0.0.9 --format=json', said('{"text":"Done","type":"text"}'));
  answers.set('unknown', answers.get('cluster status') ?? said(''));
  const broker = await brokerHost(answers);
  ends.push(() => broker.remove());
  const sshd = await server();
  const vmqAdmin = { path: broker.vmqAdmin };
  const user = userInfo().username;
  const host = ways({ home: sshd.home, vmqAdmin });
  const stranger = ways({ home: await strangersHome(sshd), vmqAdmin });
  const [nowhere, silent] = [await freePort(), await silentPort()];
  return {
    self,
    other,
    open: () => host.rpc(sshd.url),
    withWrongSecret: () => stranger.rpc(sshd.url),
    nowhere: () => host.rpc(`ssh://${user}@127.0.0.1:${nowhere}`),
    silent: () => host.rpc(`ssh://${user}@127.0.0.1:${silent}`),
  };
}

/** Through a server in between, whose connection stands already. */
async function tunnel(): Promise<OpenStream> {
  const sshd = await server();
  const ssh = ways({ home: sshd.home });
  await ssh.host(sshd.url).run('true');
  return ssh.through(sshd.url);
}

for (const [carrier, start] of [
  ['HTTP', () => overHttp()],
  ['Erlang distribution', () => overErlang()],
  ['SSH', overSsh],
  ['HTTP through an SSH tunnel', async () => overHttp(await tunnel())],
  ['Erlang distribution through an SSH tunnel', async () => overErlang(await tunnel())],
] as const) {
  let world: ContractWorld;
  beforeAll(async () => {
    world = await start();
  });
  describeAdminRpc(carrier, () => world);
}
