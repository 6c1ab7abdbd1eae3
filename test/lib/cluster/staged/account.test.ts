import { describe, expect, it } from 'vitest';
import { type Account, takeAccount } from '../../../../src/lib/cluster/leave/account.js';
import type { Queue } from '../../../../src/lib/cluster/queues.js';
import { lostOf } from '../../../../src/lib/cluster/staged/account.js';
import { client, inbox, sandbox, trio } from '../../sandbox/support.js';
import { begin, contextFor, follow } from './world.js';

const queue = (clientId: string, node: string, messages: number, more: Partial<Queue> = {}): Queue => ({
  mountpoint: '',
  clientId,
  node,
  online: false,
  clean: false,
  messages,
  ...more,
});

describe('messages that wait no more', () => {
  const account = (after: number, more: Partial<Queue> = {}): Account =>
    takeAccount('c@h', [queue('one', 'c@h', 10)], [queue('one', 'a@h', after, more)]);

  it.each([
    ['all are there', account(10), { 'a@h': 0 }, { 'a@h': 0 }, 0],
    ['more have come', account(15), { 'a@h': 0 }, { 'a@h': 0 }, 0],
    ['nobody has delivered anything', account(3), { 'a@h': 100, 'b@h': 5 }, { 'a@h': 100, 'b@h': 5 }, 7],
    ['some may have been fetched', account(3), { 'a@h': 100 }, { 'a@h': 105 }, 2],
    ['all may have been fetched', account(3), { 'a@h': 100 }, { 'a@h': 500 }, 0],
    ['the counter began anew', account(3), { 'a@h': 100 }, { 'a@h': 1 }, null],
    ['the member was not there before', account(3), {}, { 'a@h': 1 }, null],
    ['nobody counted before', account(3), undefined, { 'a@h': 1 }, null],
    ['the client is back', account(3, { online: true }), { 'a@h': 0 }, { 'a@h': 0 }, 0],
  ])('%s', (_name, of, before, now, lost) => {
    expect(lostOf(of, before, now)).toBe(lost);
  });

  it('were taken, where the client is back', () => {
    expect(account(3, { online: true })).toMatchObject({ taken: 7, fewer: [], missing: [] });
  });
});

describe('the account of a staged leave', () => {
  it('tells messages that were lost on the way, though their queue is there', async () => {
    const [one, , three] = trio(await sandbox());
    const [lost = ''] = three.fill({ queues: 3, messages: 4 });
    three.loseQueue(lost, 'messages');
    const context = await contextFor([one]);
    const { report } = await follow(context, await begin(context, three));
    expect(report).toMatchObject({
      lost: 4,
      account: { missing: [], fewer: [{ clientId: lost, before: 4, after: 0 }] },
    });
    expect(context.store.writes.at(-1)).toMatchObject({ summary: '4 messages are missing' });
  });

  it('has in it what came after the plan, and not what was fetched before the queues moved', async () => {
    const [one, , three] = trio(await sandbox());
    three.fill({ queues: 3, messages: 4 });
    const context = await contextFor([one]);
    const record = await begin(context, three);
    const fetching = await client(three, `${three.name.split('@')[0]}-queue-0`);
    await expect.poll(() => inbox(fetching).length).toBe(4);
    await fetching.endAsync();
    const [late = ''] = three.fill({ queues: 1, messages: 2, prefix: 'late-' });
    three.loseQueue(late);
    const { report } = await follow(context, record);
    expect(report).toMatchObject({
      lost: 0,
      account: { before: { queues: 4, messages: 10 }, missing: [{ clientId: late }], fewer: [] },
    });
  });
});

it('a node that was expelled instead of suspended is not taken for one that has left', async () => {
  const [one, two, three] = trio(await sandbox());
  three.fill({ queues: 3, messages: 4 });
  const context = await contextFor([one, two]);
  const record = await begin(context, three);
  one.blindTo(three.name);
  const { thrown } = await follow(context, record);
  expect(thrown).toMatchObject({ code: 'expelled', hint: expect.stringContaining('Keep its data') });
});
