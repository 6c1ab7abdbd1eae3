import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { decodePortAnswer, lookUpNode } from '../../../../src/lib/admin/erlang/epmd.js';
import { Limit } from '../../../../src/lib/admin/erlang/limit.js';
import { encodePortAnswer } from '../../../support/erlang/epmd-messages.js';
import { type Peer, startPeer } from '../../../support/peers.js';

const registration = {
  port: 9100,
  nodeType: 72,
  protocol: 0,
  highestVersion: 6,
  lowestVersion: 5,
  name: 'vmq',
  extra: Buffer.from('more'),
};

let epmd: Peer | undefined;

afterEach(async () => {
  await epmd?.stop();
  epmd = undefined;
});

async function lookUp(answer: (socket: Socket) => void, deadline = 2000, signal?: AbortSignal) {
  epmd = await startPeer((socket) => socket.once('data', () => answer(socket)));
  return lookUpNode('vmq', '127.0.0.1', epmd.port, new Limit({ deadline, signal }));
}

describe('a look-up', () => {
  test('understands an answer that comes byte by byte', async () => {
    const found = lookUp((socket) => {
      socket.setNoDelay(true);
      for (const byte of encodePortAnswer(registration)) socket.write(Buffer.from([byte]));
      socket.end();
    });
    expect(await found).toEqual(registration);
  });

  test.each<[string, string, (socket: Socket) => void]>([
    [
      'says that it does not know the node',
      'node_not_registered',
      (socket) => socket.end(encodePortAnswer(undefined)),
    ],
    ['says nothing', 'epmd_silent', () => undefined],
    ['says half of it and stops', 'epmd_silent', (socket) => socket.write(Buffer.from([119, 0, 1]))],
    ['says half of it and closes', 'epmd_down', (socket) => socket.end(Buffer.from([119, 0, 1]))],
    ['closes', 'epmd_down', (socket) => socket.end()],
    ['resets', 'epmd_down', (socket) => socket.resetAndDestroy()],
    ['is something else', 'epmd_down', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['never stops talking', 'epmd_down', (socket) => socket.write(Buffer.alloc(100_000))],
  ])('fails where epmd %s', async (_, code, answer) => {
    await expect(lookUp(answer, 200)).rejects.toMatchObject({ code });
  });

  test('can be given up', async () => {
    const abort = new AbortController();
    const given = lookUp(() => abort.abort(), 2000, abort.signal);
    await expect(given).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('an answer', () => {
  const answer = encodePortAnswer(registration);

  test('is complete or it is none', () => {
    for (let length = 0; length < answer.length; length++)
      expect(() => decodePortAnswer(answer.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'epmd_down' }),
      );
    const more = Buffer.concat([answer, Buffer.from([0])]);
    expect(() => decodePortAnswer(more)).toThrow(expect.objectContaining({ code: 'epmd_down' }));
  });
});
