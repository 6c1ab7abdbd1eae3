import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/lib/failure.js';
import { startSandbox } from '../../../src/lib/sandbox/cluster.js';
import { freePort, freePorts } from '../../support/ports.js';
import { client, command, get, pause, refusal, sandbox, trio, until, view } from './support.js';

/** Whether an answer comes within a tenth of a second. */
const answers = (attempt: Promise<unknown>) =>
  Promise.race([attempt.then(() => true), pause(100).then(() => false)]);

describe('a frozen node', () => {
  test('accepts connections and answers nothing', async () => {
    const [, , three] = trio(await sandbox());
    three.freeze();
    const asked = get(three, '/health/ping');
    expect(await answers(asked)).toBe(false);
    expect(await refusal(client(three, 'waits', { connectTimeout: 200 }))).not.toBe('accepted');
    three.thaw();
    expect((await asked).status).toBe(200);
  });

  test('/status.json hangs on every node, while cluster show answers with a stale true', async () => {
    const [one, , three] = trio(await sandbox());
    three.freeze();
    const asked = get(one, '/status.json');
    expect(await answers(asked)).toBe(false);
    expect((await view(one))[three.name]).toBe(true);
    three.thaw();
    expect((await asked).status).toBe(200);
  });

  test('is noticed in the end', async () => {
    const [one, , three] = trio(await sandbox({ timings: { netTick: 50 } }));
    three.freeze();
    await until(async () => (await view(one))[three.name] === false);
    expect((await get(one, '/status.json')).status).toBe(200);
  });
});

describe('HTTP', () => {
  test('one path hangs, the others do not; the socket is closed in the end', async () => {
    const [one] = trio(await sandbox({ timings: { idleTimeout: 150 } }));
    one.hang('/status.json');
    await expect(get(one, '/status.json')).rejects.toThrow();
    expect((await get(one, '/health')).status).toBe(200);
    one.unhang('/status.json');
    expect((await get(one, '/status.json')).status).toBe(200);
  });

  test('a killed node refuses connections, and answers on the same port when it is back', async () => {
    const [one] = trio(await sandbox());
    const { httpUrl, mqttUrl } = one;
    await one.kill();
    await expect(get(one, '/health')).rejects.toThrow();
    await one.restart();
    expect([one.httpUrl, one.mqttUrl]).toEqual([httpUrl, mqttUrl]);
    expect((await get(one, '/health')).status).toBe(200);
  });

  test('every answer is labelled as simulated', async () => {
    const [one] = trio(await sandbox());
    for (const path of ['/status.json', '/nope', '/api/v1/cluster/show', '/api/v1/foo']) {
      expect((await fetch(one.httpUrl + path)).headers.get('server')).toBe('vmqctl-sandbox (simulated)');
    }
    expect((await get(one, '/status.json')).body).toContain('+simulated');
  });
});

describe('join', () => {
  test('the joining node lists all at once, the others after the gossip', async () => {
    const [one, two, three] = trio(await sandbox({ joined: false, timings: { gossip: 150 } }));
    expect(await command(two, `cluster/join?discovery-node=${one.name}`)).toBe('Done');
    expect(Object.keys(await view(two))).toEqual([two.name, one.name]);
    expect(Object.keys(await view(one))).toEqual([one.name]);
    await until(async () => Object.keys(await view(one)).length === 2);
    expect(await command(three, `cluster/join?discovery-node=${two.name}`)).toBe('Done');
    await until(async () => Object.keys(await view(one)).length === 3);
  });

  test.each([
    [
      'a client has been there',
      async (url: string) => void (await (await client(url, 'visitor')).endAsync()),
    ],
    [
      'a message was retained',
      async (url: string) =>
        void (await (await client(url, 'x')).publishAsync('r', 'x', { qos: 1, retain: true })),
    ],
  ])('is refused where %s', async (_what, happen) => {
    const [one, two] = trio(await sandbox({ joined: false }));
    await happen(two.mqttUrl);
    expect(await command(two, `cluster/join?discovery-node=${one.name}`)).toBe(500);
    expect(Object.keys(await view(two))).toEqual([two.name]);
  });

  test('is refused in mode apikey, where the key makes every node non-empty', async () => {
    const { nodes } = await sandbox({ joined: false, apiMode: 'apikey', apiKey: 'k' });
    const [one, two] = nodes;
    const url = `${two?.httpUrl}/api/v1/cluster/join?discovery-node=${one?.name}`;
    expect((await fetch(url, { headers: { 'x-api-key': 'k' } })).status).toBe(500);
    expect((await fetch(url)).status).toBe(401);
  });

  test('is refused to a member, to itself, and to a node that is not there', async () => {
    const started = await sandbox();
    const [one] = trio(started);
    const extra = await started.addNode();
    expect(await command(one, `cluster/join?discovery-node=${extra.name}`)).toBe(500);
    expect(await command(extra, `cluster/join?discovery-node=${extra.name}`)).toBe(500);
    expect(await command(extra, 'cluster/join?discovery-node=nobody@127.0.0.1')).toBe(500);
    expect(await command(extra, `cluster/join?discovery-node=${one.name}`)).toBe('Done');
  });
});

describe('starting', () => {
  test.each([
    [{ nodes: 0 }, 'bad_node_count'],
    [{ nodes: 1.5 }, 'bad_node_count'],
    [{ apiMode: 'apikey' }, 'no_api_key'],
    [{ basePort: 80 }, 'bad_base_port'],
    [{ basePort: 65_530 }, 'bad_base_port'],
  ] as const)('with %o is refused', async (options, code) => {
    const starting = startSandbox({ nodes: 3, joined: true, apiMode: 'noauth', ...options });
    await expect(starting).rejects.toMatchObject({ code, kind: 'usage' });
  });

  test('on a port that is taken fails, and leaves nothing behind', async () => {
    const basePort = await freePorts(20);
    const blocker = await sandbox({ nodes: 1, basePort: basePort + 10 });
    const starting = startSandbox({ nodes: 2, joined: true, apiMode: 'noauth', basePort });
    await expect(starting).rejects.toThrow(Failure);
    await expect(fetch(`http://127.0.0.1:${basePort}/health`)).rejects.toThrow();
    await blocker.close();
  });

  test('without the Redis that it is told of fails', async () => {
    const redisUrl = `redis://127.0.0.1:${await freePort()}/0`;
    const starting = startSandbox({
      nodes: 1,
      joined: true,
      apiMode: 'noauth',
      redisUrl,
      redisDeadline: 1000,
    });
    await expect(starting).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
