import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { Outbox } from '../../../../src/lib/admin/erlang/outbox.js';

const MEBI = 1024 * 1024;

/** A peer that takes what is written when it is told to. */
function start() {
  const held: (() => void)[] = [];
  const written: Buffer[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      written.push(chunk);
      held.push(done);
    },
  });
  stream.resume();
  const takeOne = async () => {
    held.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { outbox: new Outbox(stream), stream, written, takeOne };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('frames of one turn are written together', async () => {
  const { outbox, written } = start();
  outbox.push(Buffer.from('a'), false);
  outbox.push(Buffer.from('b'), true);
  await turn();
  expect(written).toEqual([Buffer.from('ab')]);
  expect([outbox.takeHasWritten(), outbox.takeHasWritten()]).toEqual([true, false]);
});

test('nothing is read while more than 8 MiB of answers are on their way', async () => {
  const { outbox, stream, takeOne } = start();
  for (let count = 0; count < 8; count++) {
    outbox.push(Buffer.alloc(MEBI), true);
    await turn();
  }
  expect(stream.isPaused()).toBe(false);
  outbox.push(Buffer.alloc(MEBI), true);
  await turn();
  expect(stream.isPaused()).toBe(true);
  expect(outbox.takeProgressOfPause()).toBe(false);
  outbox.push(Buffer.alloc(MEBI), true);
  await turn();
  await takeOne();
  expect(stream.isPaused()).toBe(true);
  expect([outbox.takeProgressOfPause(), outbox.takeProgressOfPause()]).toEqual([true, false]);
  await takeOne();
  expect(stream.isPaused()).toBe(false);
  expect(outbox.takeProgressOfPause()).toBe(false);
});

test('frames of our own may be as large as they are', async () => {
  const { outbox, stream } = start();
  const large = Buffer.alloc(20 * MEBI);
  for (let count = 0; count < 5; count++) expect(outbox.push(large, false)).toBe(true);
  await turn();
  expect(stream.isPaused()).toBe(false);
});

test('more than 64 MiB of answers are not kept', async () => {
  const { outbox } = start();
  const large = Buffer.alloc(16 * MEBI);
  for (let count = 0; count < 4; count++) expect(outbox.push(large, true)).toBe(true);
  expect(outbox.push(Buffer.alloc(1), true)).toBe(false);
});
