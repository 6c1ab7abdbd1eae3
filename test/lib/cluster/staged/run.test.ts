import { describe, expect, it } from 'vitest';
import { sandbox } from '../../sandbox/support.js';
import { begin, contextFor, follow, type Outcome, takenUp } from './world.js';

const TIMINGS = { gossip: 50, leaveGossip: 50, stopAfterLeave: 100, queuesPerSecond: 5000 };

async function trio(timings = {}) {
  const { nodes } = await sandbox({ timings: { ...TIMINGS, ...timings } });
  const [one, two, three] = nodes;
  if (!one || !two || !three) throw new Error('too few nodes');
  return [one, two, three] as const;
}

const phases = (events: readonly { readonly type: string }[]) =>
  events
    .flatMap((event) => (event.type === 'phase' ? [(event as unknown as { phase: string }).phase] : []))
    // Often over before anybody looks.
    .filter((phase) => phase !== 'depart');

describe('a staged leave', () => {
  it('accounts for 2 000 offline queues and 40 000 messages', async () => {
    const [one, , three] = await trio();
    three.fill({ queues: 2000, messages: 20 });
    const context = await contextFor([one]);
    const { report, events, thrown } = await follow(context, await begin(context, three));
    expect(thrown).toBeUndefined();
    expect(report).toMatchObject({
      outcome: 'done',
      account: {
        before: { queues: 2000, messages: 40_000 },
        after: { queues: 2000, messages: 40_000 },
        missing: [],
        fewer: [],
      },
    });
    expect(phases(events)).toEqual(['suspend', 'drain', 'migrate', 'verify']);
  });

  it('sends sessions away at the rate that was given, and the rest is the broker’s', async () => {
    const [one, two, three] = await trio();
    const clients = await three.connect({ sessions: 60, clean: false, reconnect: 'anywhere', delay: 50 });
    const context = await contextFor([one]);
    const { report, events } = await follow(context, await begin(context, three, { rate: 30 }));
    expect(phases(events)).toEqual(['suspend', 'drain', 'disconnect', 'migrate', 'verify']);
    expect(report).toMatchObject({ outcome: 'done', disconnected: 60, account: { missing: [] } });
    expect(clients.online).toBe(60);
    expect(clients.clientIds.every((id) => [one.name, two.name].includes(clients.nodeOf(id) ?? ''))).toBe(
      true,
    );
  });

  it('takes a batch that the broker breaks off for what it is: one of the clients has just gone', async () => {
    const [one, , three] = await trio();
    await three.connect({ sessions: 20, clean: false, reconnect: 'anywhere', delay: 50 });
    one.refuse('session disconnect', 'crash', 1);
    const context = await contextFor([one]);
    const { report, events } = await follow(context, await begin(context, three, { rate: 20 }));
    expect(report).toMatchObject({ outcome: 'done', disconnected: 20, account: { missing: [] } });
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings).toEqual([expect.stringContaining('the others follow')]);
  });

  it('comes to its end also where only the leaving node was given, taken up or not', async () => {
    const [, , three] = await trio();
    three.fill({ queues: 30, messages: 2 });
    const stop = new AbortController();
    const context = await contextFor([three]);
    const record = await begin(context, three);
    const first = await follow({ ...context, signal: stop.signal }, record, { abort: false }, (event) => {
      if (event.type === 'phase' && event.phase === 'verify') stop.abort();
    });
    expect(first.thrown).toMatchObject({ kind: 'interrupted' });
    const { report, thrown } = await follow(context, await takenUp(context));
    expect(thrown).toBeUndefined();
    expect(report?.account).toMatchObject({ after: { queues: 30, messages: 60 } });
  });

  it('waits for its clients to go by themselves', async () => {
    const [one, , three] = await trio();
    await three.connect({ sessions: 10, reconnect: 'never', leaveRate: 20 });
    const context = await contextFor([one]);
    const { report, events } = await follow(context, await begin(context, three, { grace: 30_000 }));
    expect(report?.outcome).toBe('done');
    const drained = events.filter((event) => event.type === 'progress' && event.progress.stand === 'drain');
    expect(drained.length).toBeGreaterThan(0);
  });

  it.each([
    ['longer than its drain takes', undefined, 'done'],
    ['no longer than was asked for', 30 * 60_000, undefined],
  ])('is watched %s', async (_name, timeout, outcome) => {
    const [one, , three] = await trio();
    await three.connect({ sessions: 3, reconnect: 'never' });
    const context = await contextFor([one], { timeout });
    let ahead = 0;
    const clock = { ...context.fleet.clock, now: () => Date.now() + ahead };
    const hurrying = { ...context, fleet: { ...context.fleet, clock } };
    const record = await begin(context, three, { grace: 40 * 60_000 });
    const { report, thrown } = await follow(hurrying, record, { abort: false }, (event) => {
      if (event.type === 'progress' && event.progress.stand === 'drain') ahead += 11 * 60_000;
    });
    expect(report?.outcome).toBe(outcome);
    if (outcome === undefined) expect(thrown).toMatchObject({ code: 'still_leaving' });
  });

  it('that is undone has its listeners back, and its node serves as before', async () => {
    const [one, , three] = await trio();
    await three.connect({ sessions: 5, reconnect: 'home' });
    const stop = new AbortController();
    const context = await contextFor([one]);
    const record = await begin(context, three, { grace: 60_000 });
    const first = await follow({ ...context, signal: stop.signal }, record, { abort: false }, (event) => {
      if (event.type === 'phase' && event.phase === 'drain') stop.abort();
    });
    expect(first.thrown).toMatchObject({ kind: 'interrupted', hint: expect.stringContaining('--abort') });
    const { report } = await follow(context, await takenUp(context), { abort: true });
    expect(report).toMatchObject({ outcome: 'aborted', account: null });
    expect(context.store.writes.at(-1)).toMatchObject({ phase: 'aborted', outcome: 'aborted' });
  });

  it('that was cut short in each of its phases ends in the same report as one that was not', async () => {
    const comparable = ({ report, thrown }: Outcome) => {
      expect(thrown).toBeUndefined();
      const { before, after, missing, fewer, backOnline } = report?.account ?? {};
      return {
        outcome: report?.outcome,
        survivors: report?.survivors,
        before,
        after,
        missing,
        fewer,
        backOnline,
      };
    };
    const runWith = async (cuts: readonly string[]) => {
      const [one, , three] = await trio({ queuesPerSecond: 100 });
      three.fill({ queues: 50, messages: 2 });
      await three.connect({ sessions: 10, clean: true, reconnect: 'never' });
      const context = await contextFor([one]);
      let record = await begin(context, three, { rate: 20 });
      for (const phase of cuts) {
        const cut = await follow(context, record, { abort: false }, (event) => {
          if (event.type === 'phase' && event.phase === phase) throw new Error('cut short');
        });
        expect(cut.thrown).toMatchObject({ message: 'cut short' });
        record = await takenUp(context);
      }
      return comparable(await follow(context, record));
    };
    const whole = await runWith([]);
    expect(whole.after).toEqual({ queues: 50, messages: 100 });
    expect(await runWith(['suspend', 'drain', 'disconnect', 'migrate', 'verify'])).toEqual(whole);
  });
});
