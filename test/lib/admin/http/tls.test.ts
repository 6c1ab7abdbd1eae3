import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnector } from '../../../../src/lib/admin/connect.js';

let url: string;
let folder: string;
let server: https.Server;

beforeAll(async () => {
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] }];
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'broker' }], { extensions });
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-tls-'));
  await writeFile(join(folder, 'authorities.pem'), cert);
  server = https.createServer({ cert, key }, (_request, response) => {
    response.end('[{"a@b":{"mystatus":[{"a@b":true}],"version":"2.1.2"}}]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

async function look(address: string, caFile?: string) {
  const connector = await openConnector({ apiKeyHeader: 'basic', caFile });
  try {
    return await connector.rpc(address).views({ deadline: 3000 });
  } finally {
    connector.close();
  }
}

describe('an https node', () => {
  it('is trusted when its authority is named', async () => {
    expect((await look(url, join(folder, 'authorities.pem'))).self).toBe('a@b');
  });

  it('is not trusted otherwise, and the way out is told', async () => {
    await expect(look(url)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'tls_not_trusted',
      hint: expect.stringContaining('--ca-file'),
    });
  });

  it('is not trusted under a name that its certificate does not have', async () => {
    const address = url.replace('127.0.0.1', 'localhost');
    await expect(look(address, join(folder, 'authorities.pem'))).rejects.toMatchObject({
      code: 'tls_not_trusted',
      hint: expect.not.stringContaining('--ca-file'),
    });
  });

  it('asked over plain http, or an http node over https, is told as such', async () => {
    await expect(look(url.replace('https:', 'http:'))).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('an authorities file that cannot be read', () => {
  it('is bad configuration, before anything is asked', async () => {
    await expect(look(url, join(folder, 'none.pem'))).rejects.toMatchObject({
      kind: 'configuration',
      code: 'bad_ca_file',
    });
  });
});
