import net from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { HttpAdminRpc } from '../../src/lib/admin/http/client.js';
import { ErlangAdminRpc } from '../../src/lib/admin/native/client.js';
import { startSandbox } from '../../src/lib/sandbox/cluster.js';
import { Secret } from '../../src/lib/secret.js';
import { type ContractWorld, describeAdminRpc } from '../support/admin-contract.js';
import { startEpmd, startErlangNode } from '../support/erlang-node.js';
import { freePort } from '../support/redis.js';

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

async function overHttp(): Promise<ContractWorld> {
  const sandbox = await startSandbox({ nodes: 2, joined: true, apiMode: 'noauth' });
  const locked = await startSandbox({ nodes: 1, joined: true, apiMode: 'apikey', apiKey: 'right' });
  ends.push(() => sandbox.close());
  ends.push(() => locked.close());
  const [self, other] = sandbox.nodes;
  await other?.kill();
  const [nowhere, silent] = [await freePort(), await silentPort()];
  const open = (url = '', apiKey?: Secret) => new HttpAdminRpc({ url, apiKey, apiKeyHeader: 'basic' });
  return {
    self: self?.name ?? '',
    other: other?.name ?? '',
    open: () => open(self?.httpUrl),
    withWrongSecret: () => open(locked.nodes[0]?.httpUrl, new Secret('wrong')),
    nowhere: () => open(`http://127.0.0.1:${nowhere}`),
    silent: () => open(`http://127.0.0.1:${silent}`),
  };
}

async function overErlang(): Promise<ContractWorld> {
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

for (const [carrier, start] of [
  ['HTTP', overHttp],
  ['Erlang distribution', overErlang],
] as const) {
  let world: ContractWorld;
  beforeAll(async () => {
    world = await start();
  });
  describeAdminRpc(carrier, () => world);
}
