import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import { firstOf, SandboxCli } from '../lib/sandbox/cli.js';
import { vmqctl } from '../support/cli.js';
import { freePort } from '../support/ports.js';
import { startRedis } from '../support/redis.js';

async function setRecord(clientId: string, username: string, env: Record<string, string>): Promise<void> {
  const name = ['--client-id', clientId, '--username', username];
  const { exitCode, stderr } = await vmqctl(
    ['acl', 'set', ...name, '--password-from', 'env:PASSWORD', '--cost', '4', '--publish', 'out/#'],
    { env: { ...env, PASSWORD: 'user secret' } },
  );
  expect([exitCode, stderr]).toEqual([0, '']);
}

describe('vmqctl sandbox with Redis', () => {
  test('clients log in with the records of acl set, and the password stays secret', async () => {
    const cli = new SandboxCli();
    const redis = await startRedis({ password: 'redis secret' });
    try {
      const env = { VMQCTL_REDIS: redis.url, VMQCTL_REDIS_PASSWORD: 'redis secret' };
      await setRecord('c1', 'u1', env);
      const started = await cli.up(['--nodes', '1'], env);
      const { mqttUrl } = firstOf(started);
      const options = { clientId: 'c1', username: 'u1', reconnectPeriod: 0 };
      const client = await connectAsync(mqttUrl, { ...options, password: 'user secret' });
      await client.publishAsync('out/x', 'allowed', { qos: 1 });
      await client.endAsync();
      await expect(connectAsync(mqttUrl, { ...options, password: 'wrong' })).rejects.toMatchObject({
        code: 4,
      });
      await expect(connectAsync(mqttUrl, options)).rejects.toMatchObject({ code: 5 });
      const told = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${started.pid}/${name}`, 'utf8'));
      const kept = ['sandbox.json', 'sandbox.log'].map((name) =>
        readFileSync(join(cli.folder, name), 'utf8'),
      );
      expect([...told, ...kept, JSON.stringify(started)].join()).not.toContain('redis secret');
    } finally {
      await redis.stop();
    }
  });

  test('a connection to Redis that is lost is made again', async () => {
    const cli = new SandboxCli();
    const redis = await startRedis();
    const { mqttUrl } = firstOf(await cli.up(['--nodes', '1', '--redis', redis.url]));
    try {
      await setRecord('c', 'u', { VMQCTL_REDIS: redis.url });
      const attempt = () =>
        connectAsync(mqttUrl, { clientId: 'c', username: 'u', password: 'user secret', reconnectPeriod: 0 });
      await (await attempt()).endAsync();
      const admin = await connectRedis({ url: redis.url, deadline: 2000 });
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      admin.close();
      await (await attempt()).endAsync();
    } finally {
      await redis.stop();
    }
  });

  test('a Redis that does not answer, or refuses the password: nothing is started', async () => {
    const cli = new SandboxCli();
    const gone = await cli.run('up', ['--redis', `redis://127.0.0.1:${await freePort()}/0`]);
    expect(gone.exitCode).toBe(69);
    const redis = await startRedis({ password: 'right' });
    try {
      const refused = await cli.run('up', ['--redis', redis.url], { VMQCTL_REDIS_PASSWORD: 'wrong' });
      expect(refused.exitCode).toBe(77);
    } finally {
      await redis.stop();
    }
    expect((await cli.status()).running).toBe(false);
  });
});
