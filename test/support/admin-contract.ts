import { describe, expect, it, onTestFinished } from 'vitest';
import { toFailure } from '../../src/lib/admin/failure.js';
import type { AdminCommand, AdminRpc } from '../../src/lib/admin/rpc.js';
import { Failure } from '../../src/lib/failure.js';

/** A node that lists itself as running and one more member as not running. */
export interface ContractWorld {
  readonly self: string;
  readonly other: string;
  open(): AdminRpc;
  /** The same node, with a secret that it does not take. */
  withWrongSecret(): AdminRpc;
  /** Where nothing listens. */
  nowhere(): AdminRpc;
  /** Where something accepts the connection and never answers. */
  silent(): AdminRpc;
}

const SHOW: AdminCommand = { words: ['cluster', 'show'] };
const STATUS: AdminCommand = { words: ['node', 'status'] };
const SET: AdminCommand = { words: ['set'], arguments: [['max_inflight_messages', '7']] };
const UNKNOWN: AdminCommand = { words: ['cluster', 'shwo'] };
const BAD_FLAG: AdminCommand = { words: ['cluster', 'show'], flags: [['bogus', true]] };
const OPTIONS = { deadline: 10_000 };

/** What every way in to a broker has to keep, whatever carries it. */
export function describeAdminRpc(carrier: string, world: () => ContractWorld): void {
  const open = (pick: (from: ContractWorld) => AdminRpc = (from) => from.open()): AdminRpc => {
    const rpc = pick(world());
    onTestFinished(() => rpc.close());
    return rpc;
  };

  describe(`an admin RPC over ${carrier}`, () => {
    it('gives tables with typed values', async () => {
      const reply = await open().call(SHOW, OPTIONS);
      expect(reply).toMatchObject({ outcome: 'done', elements: [{ type: 'table' }] });
      const rows = reply.elements.flatMap((element) => (element.type === 'table' ? element.rows : []));
      expect(rows).toHaveLength(2);
      expect(rows).toContainEqual({ Node: world().self, Running: true });
      expect(rows).toContainEqual({ Node: world().other, Running: false });
    });

    it("gives the node's own view of the membership", async () => {
      const { node, members } = await open().membership(OPTIONS);
      expect(node).toBe(world().self);
      expect(members).toEqual(
        new Map([
          [world().self, true],
          [world().other, false],
        ]),
      );
    });

    it('gives views with version, listeners and counters, its own among them', async () => {
      const { self, views } = await open().views(OPTIONS);
      expect(self).toBe(world().self);
      const own = views.find(({ node }) => node === self);
      expect(own?.members).toEqual(
        new Map([
          [world().self, true],
          [world().other, false],
        ]),
      );
      expect(own?.version).toMatch(/^\d+\.\d+\.\d+/);
      expect(own?.listeners).toContainEqual({
        type: 'mqtt',
        status: 'running',
        address: '127.0.0.1',
        port: expect.any(Number),
      });
      for (const count of Object.values(own?.counters ?? { none: null })) expect(count).toBeTypeOf('number');
    });

    it('gives the same view when it is asked for its own alone', async () => {
      const rpc = open();
      const [whole, alone] = [await rpc.views(OPTIONS), await rpc.views({ ...OPTIONS, alone: true })];
      const own = (views: typeof whole) => views.views.find(({ node }) => node === views.self);
      expect(own(alone)?.members).toEqual(own(whole)?.members);
    });

    it.each([UNKNOWN, BAD_FLAG])('is told of a mistake in the command, with a hint: %j', async (command) => {
      const reply = await open().call(command, OPTIONS);
      expect(reply).toMatchObject({ outcome: 'refused', hint: expect.stringMatching(/\w/) });
    });

    it('never takes the Done of a leave for the end of it', async () => {
      const command: AdminCommand = {
        words: ['cluster', 'leave'],
        arguments: [['node', 'nobody@127.0.0.9']],
      };
      expect(await open().call(command, OPTIONS)).toMatchObject({
        outcome: 'unknown',
        code: 'leave_unverified',
      });
    });

    it('answers many calls at once, each with its own answer', async () => {
      const rpc = open();
      const commands = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? SHOW : UNKNOWN));
      const replies = await Promise.all(commands.map((command) => rpc.call(command, OPTIONS)));
      expect(replies.map(({ outcome }) => outcome)).toEqual(
        commands.map((command) => (command === SHOW ? 'done' : 'refused')),
      );
    });

    it('works again after it was closed', async () => {
      const rpc = open();
      await rpc.call(SHOW, OPTIONS);
      rpc.close();
      expect(await rpc.call(SHOW, OPTIONS)).toMatchObject({ outcome: 'done' });
    });

    it('takes commands without an API key', async () => {
      expect(await open().isOpen(OPTIONS)).toBe(true);
    });

    describe('that is told to stop', () => {
      const told = { deadline: 10_000, signal: AbortSignal.abort() };

      it.each<[string, (rpc: AdminRpc) => Promise<unknown>]>([
        ['a call', (rpc) => rpc.call(SHOW, told)],
        ['a look', (rpc) => rpc.views(told)],
        ['a look at the membership', (rpc) => rpc.membership(told)],
      ])('%s ends as interrupted', async (_what, work) => {
        await expect(work(open())).rejects.toMatchObject({ kind: 'interrupted' });
      });

      it('in the middle of a call ends as interrupted', async () => {
        const controller = new AbortController();
        const call = open((from) => from.silent()).call(SHOW, {
          deadline: 10_000,
          signal: controller.signal,
        });
        setTimeout(() => controller.abort(), 50);
        await expect(call).rejects.toMatchObject({ kind: 'interrupted' });
      });
    });

    // A refusal takes as long as a login takes.
    describe.each<[string, (from: ContractWorld) => AdminRpc, string, number]>([
      ['where nothing listens', (from) => from.nowhere(), 'unreachable', 300],
      ['where nothing answers', (from) => from.silent(), 'unreachable', 300],
      ['with the wrong secret', (from) => from.withWrongSecret(), 'credentials', 5000],
    ])('%s', (_where, pick, kind, deadline) => {
      const quick = { deadline };

      it.each([SHOW, STATUS])('a question is a failure of that kind: %j', async (command) => {
        const rpc = open(pick);
        const reply = await rpc.call(command, quick);
        expect(reply.outcome).not.toBe('done');
        const failure = toFailure(rpc.address, reply);
        expect(failure.hint).toMatch(/\w/);
        expect(failure.kind).toBe(kind);
      });

      it('a change never counts as done', async () => {
        const reply = await open(pick).call(SET, quick);
        expect(reply.outcome).not.toBe('done');
      });
    });

    it.each<[string, (from: ContractWorld) => AdminRpc]>([
      ['where nothing listens', (from) => from.nowhere()],
      ['where nothing answers', (from) => from.silent()],
    ])('a look %s is a failure that names the address', async (_where, pick) => {
      const rpc = open(pick);
      const looks = [rpc.views({ deadline: 300 }), rpc.membership({ deadline: 300 })];
      // Both are waited for at once: the second may fail before the first.
      for (const failure of await Promise.all(looks.map((look) => look.catch((thrown: unknown) => thrown)))) {
        expect(failure).toBeInstanceOf(Failure);
        expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringContaining(rpc.address) });
      }
    });
  });
}
