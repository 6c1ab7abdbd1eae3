import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import type { RedisConnection } from '../../src/lib/acl/redis-connection.js';
import { vmqctl } from '../support/cli.js';
import { type Epmd, type ErlangNodeProcess, startEpmd, startErlangNode } from '../support/erlang-node.js';
import { type RedisServer, startRedis } from '../support/redis.js';

const COOKIE = 'pl4nted-cookie';
const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

/** The tables of vmq_diversity_cache, with what two logins of the client `c` have left there, of which the later counts. */
const CACHE = `
  [ets:new(T, [public, named_table, O, {heir, whereis(init), []}])
    || {T, O} <- [{vmq_diversity_cache, ordered_set}, {vmq_diversity_pub_cache, set}, {vmq_diversity_sub_cache, set}]],
  [ets:insert(vmq_diversity_pub_cache, {H, A, 1}) || {H, A} <- [
    {<<0>>, {publish_acl, [<<"old">>], 2, 268435456, 1, undefined}},
    {<<1>>, {publish_acl, [<<"a">>, <<"c">>, <<"+">>], 1, 7, 0, undefined}},
    {<<2>>, {publish_acl, undefined, 2, 268435456, 1, undefined}},
    {<<3>>, {publish_acl, [<<"m">>], 2, 268435456, 1,
      [{topic, [<<"x">>, <<"y">>]}, {throttle, 5}, {retain, false}, {payload, <<"p">>}, {mountpoint, "mp"}]}}]],
  [ets:insert(vmq_diversity_sub_cache, {<<4>>, {subscribe_acl, [<<"s">>], 2, [{[<<"q">>, <<"w">>], 1}]}, 1})],
  [ets:insert(vmq_diversity_cache, {{{<<>>, <<"c">>}, Time}, P, S})
    || {Time, P, S} <- [{1, [<<0>>], []}, {2, [<<1>>, <<2>>, <<3>>], [<<4>>]}]].`;

const SAME = {
  passhash: PASSHASH,
  publish_acl: [
    { pattern: 'a/%c/+', max_qos: 1, max_payload_size: 7, allowed_retain: false },
    { pattern: 'a#' },
    { pattern: 'm', modifiers: { topic: 'x/y', payload: 'p', retain: false, throttle: 5, mountpoint: 'mp' } },
  ],
  subscribe_acl: [{ pattern: 's', modifiers: [['q/w', 1]] }],
};

let epmd: Epmd;
let broker: ErlangNodeProcess;
let other: ErlangNodeProcess;
let server: RedisServer;
let redis: RedisConnection;

beforeAll(async () => {
  [epmd, server] = await Promise.all([startEpmd(), startRedis()]);
  redis = await connectRedis({ url: server.url, deadline: 5000 });
  const evaluated = ['-eval', CACHE.replaceAll('\n', ' ')];
  [broker, other] = await Promise.all([
    startErlangNode({ epmd, cookie: COOKIE, name: 'VerneMQ1', isBroker: false, arguments: evaluated }),
    startErlangNode({ epmd, cookie: COOKIE, name: 'VerneMQ2', isBroker: false }),
  ]);
});
afterAll(async () => {
  redis.close();
  await Promise.all([broker.kill(), other.kill(), server.stop()]);
  await epmd.stop();
});
beforeEach(async () => {
  await redis.call('FLUSHALL');
});

const put = (record: unknown) => redis.call('SET', '["","c","u"]', JSON.stringify(record));

async function canI(args: readonly string[], { name }: { readonly name: string } = broker) {
  const result = await vmqctl(['acl', 'can-i', ...args, '--username', 'u', '--node', `erl://${name}`], {
    env: { VMQCTL_REDIS: server.url, VMQCTL_COOKIE: COOKIE, ERL_EPMD_PORT: String(epmd.port) },
  });
  const [cached] = args.includes('--json') ? (JSON.parse(result.stdout).cached ?? []) : [];
  return { ...result, cached };
}

const GONE = { name: 'gone@127.0.0.1' };
const PUBLISH = ['publish', '--topic', 'a/c/x', '--client-id', 'c'];

describe('what a node has cached for a client', () => {
  it('is the same as in Redis, entry by entry', async () => {
    await put(SAME);
    const { cached, exitCode } = await canI([...PUBLISH, '--json']);
    expect(cached).toMatchObject({ state: 'same', lists: [], decision: 'allow' });
    expect(exitCode).toBe(0);
  });

  it('still decides when Redis says otherwise, until the client connects again', async () => {
    await put({ ...SAME, publish_acl: [{ pattern: 'b' }] });
    const { stdout, exitCode } = await canI(PUBLISH);
    expect(stdout).toContain(
      `warning: erl://${broker.name} has other rights (publish_acl) cached, until the client connects again. Now it allows this: cached publish_acl[0] (a/c/+) grants it.`,
    );
    expect(exitCode).toBe(1);
  });

  it('is what a removed client has left', async () => {
    const { cached } = await canI(['subscribe', '--topic', 's', '--client-id', 'c', '--json']);
    expect(cached).toMatchObject({ state: 'differs', decision: 'allow' });
  });

  it('may be nothing: the next login reads Redis', async () => {
    const { stdout } = await canI(['connect', '--client-id', 'd']);
    expect(stdout).toContain(`erl://${broker.name} has not cached this client: its next login reads Redis.`);
  });

  it('is told of the nodes that answer, and which one does not, whose answer then is missing', async () => {
    await put(SAME);
    const also = ['--node', `erl://${GONE.name}`];
    const allowed = await canI([...PUBLISH, ...also, '--json']);
    expect(JSON.parse(allowed.stdout)).toMatchObject({
      decision: 'allow',
      cached: [
        { node: `erl://${GONE.name}`, state: 'unreachable', decision: null, why: expect.any(String) },
        { node: `erl://${broker.name}`, state: 'same', decision: 'allow' },
      ],
    });
    expect(allowed.exitCode).toBe(3);
    const denied = await canI(['publish', '--topic', 'x', '--client-id', 'c', ...also]);
    expect(denied.stdout).toContain(`warning: what erl://${GONE.name} has cached is not known: `);
    expect(denied.stdout).toContain(`erl://${broker.name} has the same rights cached.`);
    expect(denied.exitCode).toBe(1);
    const none = await canI([...PUBLISH, ...also], { name: 'lost@127.0.0.1' });
    expect(none).toMatchObject({ exitCode: 69, stdout: '' });
  });

  it('is none where there is no cache, and a failure where there is no node', async () => {
    await put(SAME);
    expect((await canI([...PUBLISH, '--json'], other)).cached).toMatchObject({
      state: 'no_cache',
      decision: null,
    });
    const gone = await canI(PUBLISH, GONE);
    expect(gone).toMatchObject({ exitCode: 69, stdout: '' });
    const http = await vmqctl(
      ['acl', 'can-i', ...PUBLISH, '--username', 'u', '--node', 'http://127.0.0.1:1'],
      {
        env: { VMQCTL_REDIS: server.url },
      },
    );
    expect(http.exitCode).toBe(64);
    expect(http.stderr).toContain('--node erl://NAME@HOST');
  });
});
