import { afterEach, describe, expect, test } from 'vitest';
import { OFFERED_FLAGS } from '../../../../src/lib/admin/erlang/handshake/flags.js';
import {
  encodeAcknowledgement,
  encodeStatus,
  packet,
} from '../../../../src/lib/admin/erlang/handshake/messages.js';
import { type ConnectOptions, connectNode } from '../../../../src/lib/admin/erlang/index.js';
import { encodePortAnswer } from '../../../support/erlang/epmd-messages.js';
import { type FakeNode, type FakeNodeOptions, startFakeNode } from '../../../support/erlang/fake-node.js';
import { type Peer, startPeer } from '../../../support/peers.js';

const started: Peer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((peer) => peer.stop()));
});

async function start(options: FakeNodeOptions = {}): Promise<FakeNode> {
  const fake = await startFakeNode(options);
  started.push(fake);
  return fake;
}

const connect = (fake: { readonly port: number }, options: Partial<ConnectOptions> = {}) =>
  connectNode({ node: 'fake@127.0.0.1', cookie: 'cookie', port: fake.port, deadline: 2000, ...options });

/** An epmd that has this answer to everything. */
async function startFakeEpmd(answer: Buffer): Promise<Peer> {
  const epmd = await startPeer((socket) => socket.once('data', () => socket.end(answer)));
  started.push(epmd);
  return epmd;
}

const registration = (port: number, lowestVersion: number, highestVersion: number) =>
  encodePortAnswer({
    port,
    nodeType: 77,
    protocol: 0,
    highestVersion,
    lowestVersion,
    name: 'fake',
    extra: Buffer.alloc(0),
  });

describe('the handshake', () => {
  test.each([false, true])('succeeds, also where it comes byte by byte (%s)', async (isSlow) => {
    const fake = await start({ isSlow });
    const node = await connect(fake, { name: 'me' });
    expect(fake.names).toMatchObject([{ version: 6, flags: OFFERED_FLAGS, node: node.ownName }]);
    expect(node.ownName).toMatch(/^me_[0-9a-f]{12}@127\.0\.0\.1$/);
    node.close();
  });

  test('offers what OTP 28 demands, and is hidden', () => {
    const mandatory25 = 0x107_0f94n;
    const mandatory26 = 0x4_0200_0000n;
    const mandatory27 = 0x400_0000n;
    for (const flags of [mandatory25, mandatory26, mandatory27]) expect(OFFERED_FLAGS & flags).toBe(flags);
    expect(OFFERED_FLAGS & 1n).toBe(0n);
  });

  test.each(['ok', 'ok_simultaneous'])('goes on after %s', async (status) => {
    (await connect(await start({ status }))).close();
  });

  test.each([
    ['nok', 'name_conflict'],
    ['alive', 'name_conflict'],
    ['not_allowed', 'not_allowed'],
    ['named:fake', 'not_a_node'],
    ['whatever', 'not_a_node'],
  ])('ends after %s', async (status, code) => {
    const fake = await start({ status });
    await expect(connect(fake)).rejects.toMatchObject({ code });
    if (status === 'alive') await expect.poll(() => fake.statuses).toEqual(['sfalse']);
  });

  test('tries the older version where the newer one is refused', async () => {
    const fake = await start({ accepts: [5], version: 5 });
    const node = await connect(fake);
    expect(fake.names.map(({ version }) => version)).toEqual([6, 5]);
    expect(fake.names[1]?.flags).toBe(OFFERED_FLAGS & 0xffff_ffffn);
    expect(fake.complements).toEqual([]);
    node.close();
  });

  test('complements an older name where the node is newer', async () => {
    const fake = await start({ accepts: [5], version: 6 });
    const node = await connect(fake);
    expect(fake.complements).toEqual([
      { flagsHigh: Number(OFFERED_FLAGS >> 32n), creation: expect.any(Number) },
    ]);
    node.close();
  });

  test.each([
    [5, 5, 5],
    [5, 6, 6],
    [6, 6, 6],
    [6, 7, 6],
  ] as const)('takes version %i to %i from epmd and speaks %i', async (lowest, highest, spoken) => {
    const fake = await start({ accepts: [spoken], version: spoken });
    const epmd = await startFakeEpmd(registration(fake.port, lowest, highest));
    const node = await connectNode({ node: 'fake@127.0.0.1', cookie: 'cookie', epmdPort: epmd.port });
    expect(fake.names.map(({ version }) => version)).toEqual([spoken]);
    node.close();
  });

  test.each([
    [1, 4],
    [7, 8],
  ])('is not tried with a node that speaks only %i to %i', async (lowest, highest) => {
    const epmd = await startFakeEpmd(registration(1, lowest, highest));
    const failed = connectNode({ node: 'fake@127.0.0.1', cookie: 'cookie', epmdPort: epmd.port });
    await expect(failed).rejects.toMatchObject({ code: 'version_mismatch' });
  });

  test('is not finished with a node that is too old to understand us', async () => {
    const fake = await start({ flags: 0x7ffn });
    await expect(connect(fake)).rejects.toMatchObject({ code: 'version_mismatch' });
  });

  test('is not finished with a node of another name', async () => {
    const fake = await start({ name: 'other@127.0.0.1' });
    await expect(connect(fake)).rejects.toMatchObject({ code: 'other_node' });
  });

  test('tells a wrong cookie, from either side', async () => {
    const refuses = await start();
    await expect(connect(refuses, { cookie: 'wrong' })).rejects.toMatchObject({ code: 'wrong_cookie' });
    const instead = packet(encodeAcknowledgement(Buffer.alloc(16, 7)));
    const pretends = await start({ fault: { step: 'ack', instead } });
    await expect(connect(pretends)).rejects.toMatchObject({ code: 'wrong_cookie' });
  });

  test.each([
    ['status', 'not_a_node'],
    ['challenge', 'port_closed'],
    ['ack', 'wrong_cookie'],
  ] as const)('ends when the node closes instead of its %s', async (step, code) => {
    const fake = await start({ fault: { step, instead: 'close' } });
    await expect(connect(fake)).rejects.toMatchObject({ code });
  });

  test.each(['status', 'challenge', 'ack'] as const)('ends at its deadline without a %s', async (step) => {
    const fake = await start({ fault: { step, instead: 'hang' } });
    await expect(connect(fake, { deadline: 150 })).rejects.toMatchObject({ code: 'port_silent' });
  });

  test.each(['status', 'challenge', 'ack'] as const)('can be given up before the %s', async (step) => {
    const fake = await start({ fault: { step, instead: 'hang' } });
    const abort = new AbortController();
    const attempt = connect(fake, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(attempt).rejects.toMatchObject({ code: 'aborted' });
  });

  test.each([
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['TLS', Buffer.from('15030300020246', 'hex')],
    ['an empty message', Buffer.from('0000', 'hex')],
    ['half a message', Buffer.from('0010736f', 'hex')],
    ['another message', packet(encodeAcknowledgement(Buffer.alloc(16)))],
    ['status without an end', packet(encodeStatus(''))],
  ])('ends when it hears %s', async (_, instead) => {
    for (const step of ['status', 'challenge', 'ack'] as const) {
      const fake = await start({ fault: { step, instead } });
      const attempt = connect(fake, { deadline: 300 });
      const code = expect.stringMatching(/^(not_a_node|port_silent|wrong_cookie|other_node)$/);
      await expect(attempt).rejects.toMatchObject({ code });
    }
  });

  test('is not begun with a name that is none', async () => {
    for (const node of ['fake', '@host', 'fake@'])
      await expect(connectNode({ node, cookie: 'c', port: 1 })).rejects.toMatchObject({
        code: 'host_unknown',
      });
  });

  test('is not begun when it was given up before', async () => {
    const fake = await start();
    await expect(connect(fake, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(fake.names).toEqual([]);
  });
});
