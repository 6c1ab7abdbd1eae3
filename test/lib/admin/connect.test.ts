import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openConnector } from '../../../src/lib/admin/connect.js';
import { HttpAdminRpc } from '../../../src/lib/admin/http/client.js';
import { isLoopback } from '../../../src/lib/loopback.js';
import { Secret } from '../../../src/lib/secret.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const SHOW = { words: ['cluster', 'show'] };
/** Aborted before anything is sent: what is looked at here happens before that. */
const NOTHING_SENT = { deadline: 1000, signal: AbortSignal.abort() };

async function connect(apiKey: string | undefined) {
  const told: string[] = [];
  const connector = await openConnector({
    apiKeyHeader: 'basic',
    apiKey: apiKey === undefined ? undefined : new Secret(apiKey),
    onPlainKey: (address) => told.push(address),
  });
  closers.push(() => connector.close());
  const call = (address: string) =>
    connector
      .rpc(address)
      .call(SHOW, NOTHING_SENT)
      .catch(() => undefined);
  return { told, connector, call };
}

describe('an API key that would travel in clear', () => {
  it('is told of once, with the first address', async () => {
    const { told, call } = await connect('k3y');
    await call('http://127.0.0.1:8888');
    await call('http://localhost:8888');
    await call('http://[::1]:8888');
    await call('https://172.16.16.13:8889');
    expect(told).toEqual([]);
    await call('http://172.16.16.13:8888');
    await call('http://172.16.16.13:8888');
    await call('http://172.16.16.14:8888');
    expect(told).toEqual(['http://172.16.16.13:8888']);
  });

  it('is not told of where there is no key, or none is sent', async () => {
    const keyless = await connect(undefined);
    await keyless.call('http://172.16.16.13:8888');
    const { told, connector } = await connect('k3y');
    await connector
      .rpc('http://172.16.16.13:8888')
      .views(NOTHING_SENT)
      .catch(() => undefined);
    expect([...keyless.told, ...told]).toEqual([]);
  });
});

describe('an API key that no broker could have made', () => {
  it.each(['schlüssel', 'k3y\u0007', 'k3y\t', 'k3y\u007f', '密钥', 'k\u00a0'])(
    '%j is refused as it is',
    async (key) => {
      const expected = {
        kind: 'configuration',
        code: 'bad_api_key',
        message: expect.not.stringContaining(key),
        hint: expect.any(String),
      };
      await expect(connect(key)).rejects.toMatchObject(expected);
      for (const apiKeyHeader of ['basic', 'x-api-key'] as const) {
        const url = 'http://127.0.0.1:8888';
        expect(() => new HttpAdminRpc({ url, apiKeyHeader, apiKey: new Secret(key) })).toThrowError(
          expect.objectContaining(expected),
        );
      }
    },
  );

  it('is told from one with any printable ASCII', async () => {
    const server = http.createServer((_request, response) => response.end('{"type":"text","text":"x"}'));
    closers.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { connector } = await connect('a key: {"~!');
    const rpc = connector.rpc(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await rpc.call(SHOW, { deadline: 1000 })).outcome).toBe('done');
  });
});

describe('this machine', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['[::1]', true],
    ['localhost', true],
    ['127.evil.example', false],
    ['localhost.example', false],
    ['172.16.16.13', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
