import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Connection, type ConnectionOptions } from '../../../../src/lib/admin/erlang/connection.js';
import { encodeControl } from '../../../../src/lib/admin/erlang/control/encode.js';
import { encodeFrame } from '../../../../src/lib/admin/erlang/frame/frame.js';
import { FrameSplitter } from '../../../../src/lib/admin/erlang/frame/splitter.js';
import { atom } from '../../../../src/lib/admin/erlang/term/construct.js';
import { Pid } from '../../../../src/lib/admin/erlang/term/types.js';
import { startPeer } from '../../../support/peers.js';

const pid = new Pid(atom('a@b'), 1, 0, 1);
const MESSAGE = (() => {
  const control = encodeControl({ type: 'send', to: pid });
  const frame = encodeFrame({ kind: 'pass_through', control, payload: atom('hello') });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
})();

/** A connection as it is after the handshake, and the other end of it. */
async function open(onSignal: ConnectionOptions['onSignal']) {
  let far: Socket | undefined;
  const peer = await startPeer((socket) => {
    far = socket;
  });
  const socket = connect({ port: peer.port, host: '127.0.0.1' });
  const splitter = new FrameSplitter(4, 1000);
  const connection = new Connection(socket, splitter, { peer: 'a@b', tickTime: 60_000, onSignal });
  onTestFinished(async () => {
    connection.close();
    await peer.stop();
  });
  await expect.poll(() => far).toBeDefined();
  if (!far) throw new Error('not connected');
  return { connection, far, splitter, socket };
}

test('an error of ours in handling a signal ends the connection, as what it is', async () => {
  const { connection, far } = await open(() => {
    throw new RangeError('ours');
  });
  far.write(MESSAGE);
  expect(await connection.ended).toMatchObject({
    name: 'ErlangError',
    code: 'bad_frame',
    cause: new RangeError('ours'),
  });
});

test('what arrives after the end is dropped', async () => {
  let count = 0;
  const { connection, far, splitter, socket } = await open(() => count++);
  far.write(MESSAGE);
  await expect.poll(() => count).toBe(1);
  // Much is on its way, so that the connection cannot close at once.
  for (let index = 0; index < 20; index++)
    connection.send({ type: 'send', to: pid }, Buffer.alloc(1_000_000));
  connection.close();
  far.write(MESSAGE);
  const received = socket.bytesRead;
  await expect.poll(() => socket.bytesRead).toBeGreaterThan(received);
  expect([count, splitter.available]).toEqual([1, 0]);
});

test('answers that the peer does not take end the connection beyond 64 MiB', async () => {
  const { connection, far } = await open(() => undefined);
  far.pause();
  const answer = () => connection.answer({ type: 'send', to: pid }, Buffer.alloc(16 * 1024 * 1024));
  for (let count = 0; count < 3; count++) answer();
  expect(connection.error).toBeUndefined();
  for (let count = 0; count < 3; count++) answer();
  expect(connection.error).toMatchObject({ code: 'bad_frame' });
});

test('a peer that takes nothing does not keep a connection open that was closed here', async () => {
  const { connection, far, socket } = await open(() => undefined);
  far.pause();
  for (let index = 0; index < 30; index++)
    connection.send({ type: 'send', to: pid }, Buffer.alloc(1_000_000));
  connection.close();
  expect(socket.destroyed).toBe(false);
  await expect.poll(() => socket.destroyed, { timeout: 8000 }).toBe(true);
});
