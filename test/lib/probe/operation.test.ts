import { afterEach, describe, expect, it } from 'vitest';
import { recordKey } from '../../../src/lib/acl/key.js';
import { Failure } from '../../../src/lib/failure.js';
import { cleanUp } from '../../../src/lib/probe/cleanup.js';
import { emptyJournal } from '../../../src/lib/probe/journal.js';
import { removeLeftovers } from '../../../src/lib/probe/leftovers.js';
import { type ProbeEvent, probeCluster } from '../../../src/lib/probe/operation.js';
import type { ProbeContext } from '../../../src/lib/probe/options.js';
import type { ProbeReport } from '../../../src/lib/probe/report.js';
import { failure } from '../../support/failure.js';
import { contextOf, Network } from './network.js';

let network = new Network();
afterEach(() => {
  // Whatever was tried: nothing may be left.
  expect([...network.sessions.keys()]).toEqual([]);
  expect([...network.retained.keys()]).toEqual([]);
  network = new Network();
});

async function run(
  context: ProbeContext,
  onEvent: (event: ProbeEvent) => void = () => undefined,
): Promise<ProbeReport> {
  const events = probeCluster(context);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    onEvent(next.value);
  }
}

const codes = ({ problems }: ProbeReport) => problems.map(({ code }) => code);
const isMessage = (topic: string) => topic.includes('/m/');
const refuse = (kind: 'unreachable' | 'credentials') => new Failure(kind, 'refused', 'it refuses');

describe('probeCluster', () => {
  it('has nothing to complain of where all arrives', async () => {
    const { context, journals, locks } = contextOf(network);
    const report = await run(context);
    expect(report).toMatchObject({
      verdict: 'ok',
      problems: [],
      leftBehind: null,
      interrupted: false,
      rounds: 1,
    });
    expect(report.pairs).toHaveLength(9);
    for (const { all } of report.pairs) expect(all).toMatchObject({ sent: 9, received: 9, lost: 0 });
    expect(report.takeovers?.map(({ outcome }) => outcome)).toEqual(Array(6).fill('delivered'));
    expect(journals.journals.size + locks.size).toBe(0);
  });

  it('names the pair between which messages are lost', async () => {
    network.route = (from, to, topic) => (from === 'a' && to === 'c' && isMessage(topic) ? 0 : 1);
    const report = await run(contextOf(network).context);
    expect(report.verdict).toBe('unhealthy');
    expect(report.subscriptionsKnownAfter).toBeNull();
    expect(report.problems).toMatchObject([
      { code: 'messages_lost', message: 'published on a, and not received on c (9 of 9)' },
    ]);
  });

  it('says which QoS is lost', async () => {
    network.route = (_, to, topic) => (to === 'c' && /\/m\/0\/2$/.test(topic) ? 0 : 1);
    const { problems } = await run(contextOf(network).context);
    expect(problems[0]?.message).toBe('published on a with QoS 2, and not received on c (3 of 9)');
  });

  it('looks for the record where nothing of a node arrives, not even on itself', async () => {
    network.route = (from, _, topic) => (from === 'b' && isMessage(topic) ? 0 : 1);
    const { problems } = await run(contextOf(network).context);
    expect(problems).toMatchObject([{ code: 'nothing_arrives', hint: expect.stringContaining('record') }]);
  });

  it('does not blame the link for what is lost with a node that no longer answers', async () => {
    const { context } = contextOf(network, { extras: [], continuous: false });
    const silent = new Failure('unreachable', 'mqtt_timeout', 'no answer');
    const connect: ProbeContext['access']['connect'] = async (request) => {
      const client = await network.connect(request);
      if (request.url !== 'c') return client;
      const publish: typeof client.publish = async (topic, payload, options) => {
        if (options.qos > 0) throw silent;
        await client.publish(topic, payload, options);
      };
      return { ...client, isConnected: true, publish };
    };
    network.route = (_, to, topic) => (to === 'c' && /\/[12]$/.test(topic) ? 0 : 1);
    const { problems } = await run({ ...context, access: { ...context.access, connect } });
    expect(problems.map(({ code }) => code)).toEqual(['mqtt_timeout', ...Array(3).fill('messages_lost')]);
    for (const { hint } of problems.slice(1)) expect(hint).toContain('c: see what is said of it above');
  });

  it('lets a node that a session has left come to rest before the session comes back to it', async () => {
    const { context } = contextOf(network, { extras: ['takeover'] });
    const steps: string[] = [];
    const connect: typeof network.connect = (request) => {
      if (request.clientId.endsWith('-t0')) steps.push(request.url);
      return network.connect(request);
    };
    const sleep: typeof context.clock.sleep = (time, signal) => {
      if (time >= 1000) steps.push('pause');
      return context.clock.sleep(time, signal);
    };
    const endpoints = context.endpoints.slice(0, 2);
    const access = { ...context.access, connect };
    await run({ ...context, endpoints, access, clock: { ...context.clock, sleep } });
    expect(steps).toEqual(['a', 'b', 'pause', 'a']);
  });

  it('looks at the link where a moved session lost what waited in it', async () => {
    network.move = (session) => ({ ...session, queue: [] });
    const { problems } = await run(contextOf(network, { extras: ['takeover'] }).context);
    for (const { hint } of problems) expect(hint).toContain('port 44053');
    expect(problems).toHaveLength(6);
  });

  it('counts duplicates, which are no loss', async () => {
    network.route = (_, to, topic) => (to === 'b' && isMessage(topic) ? 2 : 1);
    const report = await run(contextOf(network).context);
    expect(report.verdict).toBe('ok');
    expect(report.pairs.find(({ from, to }) => from === 'a' && to === 'b')?.all).toMatchObject({
      duplicates: 9,
      lost: 0,
    });
  });

  it('tells a lost message of a moved session from a lost session', async () => {
    network.move = (session) => {
      session.queue.splice(0);
      return session;
    };
    const kept = await run(contextOf(network, { extras: ['takeover'] }).context);
    expect(new Set(codes(kept))).toEqual(new Set(['takeover_message_lost']));
    network.move = () => undefined;
    const lost = await run(contextOf(network, { extras: ['takeover'] }).context);
    expect(new Set(codes(lost))).toEqual(new Set(['takeover_session_lost']));
  });

  it('probes the others when a node takes no clients', async () => {
    network.refused.set('b', refuse('unreachable'));
    const report = await run(contextOf(network).context);
    expect(report.verdict).toBe('unreachable');
    expect(report.pairs.map(({ from, to }) => from + to)).toEqual(['aa', 'ac', 'ca', 'cc']);
    expect(codes(report)).toEqual(['refused']);
  });

  it('claims nothing where no node takes clients', async () => {
    for (const url of ['a', 'b', 'c']) network.refused.set(url, refuse('unreachable'));
    const report = await run(contextOf(network).context);
    expect(report).toMatchObject({
      verdict: 'unreachable',
      subscriptionsKnownAfter: null,
      pairs: [],
      leftBehind: null,
    });
  });

  it('does not call a refused login unreachable', async () => {
    network.refused.set('b', refuse('credentials'));
    network.refused.set('c', refuse('unreachable'));
    expect((await run(contextOf(network).context)).verdict).toBe('credentials');
  });

  it('finds what is too slow', async () => {
    const { context } = contextOf(network, { maxLatency: 0.000_000_1, extras: [] });
    const report = await run({
      ...context,
      ticks: (
        (now) => () =>
          (now += 1)
      )(0),
    });
    expect(report.verdict).toBe('unhealthy');
    expect(codes(report)).toHaveLength(9);
  });

  it('connects again in the next round of a continuous probe', async () => {
    const { context, controller } = contextOf(network, { continuous: true, extras: [] });
    const lost: number[] = [];
    const report = await run(context, (event) => {
      if (event.type !== 'round') return;
      lost.push(event.lost);
      if (event.round === 1) for (const session of network.sessions.values()) session.isOnline = false;
      if (event.round === 2) controller.abort();
    });
    expect(lost).toEqual([0, 0]);
    expect(report).toMatchObject({ interrupted: true, rounds: 2, verdict: 'ok' });
  });

  it('sets records for its own client ids, and removes exactly those', async () => {
    const provision = { redis: 'redis://h', mountpoint: 'mp' };
    const { context, store } = contextOf(network, { provision });
    const other = recordKey({ mountpoint: 'mp', clientId: 'x', username: 'y' });
    await store.put(other, '{}');
    let during: string[] = [];
    const report = await run(context, (event) => {
      if (event.type === 'connected') during = [...store.values.keys()];
    });
    expect(report.verdict).toBe('ok');
    expect(during).toHaveLength(7);
    for (const key of during)
      if (key !== other) expect(key).toMatch(/^\["mp","vmqctl-probe-abc123-t?\d","vmqctl-probe-abc123"\]$/);
    expect([...store.values.keys()]).toEqual([other]);
  });

  it('cleans up also when nothing could be measured', async () => {
    const { context, controller, store, locks } = contextOf(network, {
      provision: { redis: 'redis://h', mountpoint: '' },
    });
    const interrupted = run(
      context,
      (event) => event.type === 'phase' && event.phase === 'connecting' && controller.abort(),
    );
    expect(await failure(interrupted)).toMatchObject({ kind: 'interrupted' });
    expect(store.values.size + locks.size).toBe(0);
  });

  it('says when it could not clean up, keeps its journal, and the next one does', async () => {
    const { context, journals, store } = contextOf(network, {
      provision: { redis: 'redis://h', mountpoint: '' },
    });
    let isDown = true;
    const remove = store.remove.bind(store);
    store.remove = async (key) => {
      if (isDown) throw new Failure('unreachable', 'redis_gone', 'Redis is gone');
      return remove(key);
    };
    const report = await run(context);
    expect(report).toMatchObject({ verdict: 'partial', leftBehind: { code: 'redis_gone' } });
    expect(journals.journals.size).toBe(1);
    isDown = false;
    const again = await removeLeftovers(context.access, journals, context.lock);
    expect(again).toMatchObject({ removed: ['abc123'], failed: [], busy: [] });
    expect(store.values.size + journals.journals.size).toBe(0);
  });
});

describe('cleanUp', () => {
  const journal = emptyJournal({
    ...{
      id: 'abc123',
      prefix: 'probe',
      protocol: '3.1.1',
      startedAt: 0,
      urls: ['a', 'b', 'c'],
      caFile: null,
    },
  });

  /** What a killed probe has left: a session on `b`, and a message that is retained. */
  async function leave(): Promise<void> {
    const clientId = 'vmqctl-probe-abc123-t1';
    const session = { url: 'b', clientId, persistent: true, protocol: '3.1.1', deadline: 1 } as const;
    await (await network.connect({ ...session, credentials: undefined, caFile: null })).end();
    network.retained.set('probe/abc123/r/2', 'c');
  }

  it('removes sessions and retained messages, and only then the journal', async () => {
    await leave();
    const { context, journals } = contextOf(network);
    await journals.write({ ...journal, sessions: true, retained: true });
    await cleanUp(context.access, journals, { ...journal, sessions: true, retained: true });
    expect(journals.journals.size).toBe(0);
  });

  it('goes over another node where one takes no clients', async () => {
    await leave();
    network.refused.set('b', refuse('unreachable'));
    const { context, journals } = contextOf(network);
    await cleanUp(context.access, journals, { ...journal, sessions: true, retained: true });
  });

  it('keeps the journal while a node is up and takes no clients: it may not have let go of the session', async () => {
    await leave();
    network.refused.set('b', new Failure('unreachable', 'mqtt_unavailable', 'server unavailable'));
    const { context, journals } = contextOf(network);
    await journals.write({ ...journal, sessions: true, retained: true });
    const again = () => removeLeftovers(context.access, journals, context.lock);
    expect(await again()).toMatchObject({ removed: [], failed: [{ failure: { code: 'mqtt_unavailable' } }] });
    expect(journals.journals.size).toBe(1);
    network.refused.clear();
    expect(await again()).toMatchObject({ removed: ['abc123'], failed: [] });
  });

  it('keeps the journal when no node takes it', async () => {
    for (const url of ['a', 'b', 'c']) network.refused.set(url, refuse('unreachable'));
    const { context, journals } = contextOf(network);
    await journals.write({ ...journal, sessions: true });
    const report = await removeLeftovers(context.access, journals, context.lock);
    expect(report).toMatchObject({ removed: [], failed: [{ id: 'abc123', failure: { code: 'refused' } }] });
    expect(journals.journals.size).toBe(1);
  });
});
