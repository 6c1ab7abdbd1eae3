import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../../src/lib/admin/rpc.js';
import { judgeCertificates, judgeKeys } from '../../../../src/lib/cluster/check/checks/access.js';
import {
  judgeDropped,
  judgeGrowth,
  judgeNetsplits,
  judgeTakeovers,
} from '../../../../src/lib/cluster/check/checks/counters.js';
import { judgeHealth, judgeListeners } from '../../../../src/lib/cluster/check/checks/serving.js';
import { judgeLogins, judgeWedged } from '../../../../src/lib/cluster/check/checks/sessions.js';
import { judgePlugins, judgeSync, judgeVersions } from '../../../../src/lib/cluster/check/checks/software.js';
import { judgeViews } from '../../../../src/lib/cluster/check/checks/views.js';
import { judged, ok } from '../../../../src/lib/cluster/check/finding.js';
import { readPrometheus, readShown } from '../../../../src/lib/cluster/metrics.js';
import type { Member } from '../../../../src/lib/cluster/view.js';
import { goldenFile } from '../../../support/golden.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);

/** One node's metrics, and what they are two seconds later. */
const pair = (before: Record<string, number>, after: Record<string, number>) => {
  const read = (values: Record<string, number>, at: number) =>
    readPrometheus(
      Object.entries(values)
        .map(([name, value]) => `vernemq_${name} ${value}`)
        .join('\n'),
      at,
    );
  return new Map([['a@h1', [read(before, 0), read(after, 2000)] as const]]);
};

describe('metrics', () => {
  it('are read from /metrics of a real broker, whatever its namespace', () => {
    const rows = goldenFile('http-2.1.2.json') as {
      request: { path: string };
      response: { body: unknown };
    }[];
    const body = String(rows.find(({ request }) => request.path === '/metrics')?.response.body);
    for (const text of [body, body.replaceAll('vernemq_', 'mine_')]) {
      const metrics = readPrometheus(text, 0);
      expect(metrics.total('cluster_bytes_dropped')).toBe(0);
      expect(metrics.total('router_memory')).toBe(14_848);
    }
  });

  it('are read from what metrics show of a real broker writes', () => {
    const rows = goldenFile('cli-2.1.2.json') as { argv: string[]; stdout: string }[];
    const shown = rows.find(({ argv }) => argv.join(' ') === 'vmq-admin metrics show');
    const metrics = readShown(shown?.stdout ?? '', 0);
    expect(metrics.total('cluster_bytes_sent')).toBe(0);
    expect(metrics.total('system_process_count')).toBeGreaterThan(100);
  });

  it('are summed over their labels, and unknown where there are none', () => {
    const metrics = readPrometheus(
      '# TYPE x counter\nv_x{a="1",b="q\\"uote"} 2\nv_x{a="2"} 3\nnonsense {',
      0,
    );
    expect(metrics.total('x')).toBe(5);
    expect(metrics.total('x', ({ a }) => a === '2')).toBe(3);
    expect(metrics.total('y')).toBeUndefined();
  });
});

describe('the counters', () => {
  it('warn of netsplits that are not resolved, and only of those', () => {
    const counts = (detected: number, resolved: number) =>
      pair({}, { netsplit_detected: detected, netsplit_resolved: resolved });
    expect(judgeNetsplits(counts(2, 2)).status).toBe('ok');
    expect(judgeNetsplits(counts(2, 1))).toMatchObject({ status: 'warn', nodes: ['a@h1'] });
    expect(judgeNetsplits(pair({}, {})).status).toBe('unknown');
  });

  it('are critical while bytes are being dropped, and warn of what was dropped before', () => {
    const dropped = (before: number, after: number, droppedBytes = 0) =>
      judgeDropped(pair({ cluster_bytes_dropped: before }, { cluster_bytes_dropped: after }), {
        droppedBytes,
      }).status;
    expect([dropped(0, 0), dropped(9, 9), dropped(9, 10), dropped(9, 9, 9)]).toEqual([
      'ok',
      'warn',
      'critical',
      'ok',
    ]);
    expect(judgeDropped(pair({}, {}), { droppedBytes: 0 }).status).toBe('unknown');
  });

  it('warn of sessions that are taken over again and again', () => {
    const name = 'mqtt_disconnect_sent{mqtt_version="5",reason_code="session_taken_over"}';
    const other = 'mqtt_disconnect_sent{mqtt_version="5",reason_code="normal_disconnect"}';
    const judge = (kicks: number) =>
      judgeTakeovers(pair({ [name]: 0, [other]: 0 }, { [name]: kicks, [other]: 99 }), { takeovers: 1 })
        .status;
    expect([judge(2), judge(3)]).toEqual(['ok', 'warn']);
    // Without labels nobody can tell why a client was sent away.
    expect(judgeTakeovers(pair({}, { mqtt_disconnect_sent: 99 }), { takeovers: 1 }).status).toBe('unknown');
  });

  it('warn of queues that fill faster than they are emptied', () => {
    const before = { queue_message_in: 0, queue_message_out: 0 };
    const judge = (entered: number, left: number) =>
      judgeGrowth(pair(before, { queue_message_in: entered, queue_message_out: left }), { queueGrowth: 100 })
        .status;
    expect([judge(1000, 900), judge(1000, 0)]).toEqual(['ok', 'warn']);
    expect(judgeGrowth(pair({}, {}), { queueGrowth: 100 }).status).toBe('unknown');
  });
});

describe('what runs on the nodes', () => {
  it('has to be the same', () => {
    const two = (one: string, other: string) => new Map(Object.entries({ a: one, b: other }));
    expect(judgeVersions(two('2.1.2', '2.1.2')).status).toBe('ok');
    expect(judgeVersions(two('2.1.2', '2.2.0')).status).toBe('warn');
    expect(judgePlugins(two('vmq_swc', 'vmq_plumtree')).status).toBe('critical');
  });

  it('has to have been in step', () => {
    expect(judgeSync(new Map([['a', []]])).status).toBe('ok');
    expect(judgeSync(new Map([['a', ['meta1']]]))).toMatchObject({ status: 'warn', nodes: ['a'] });
  });
});

describe('the ends of keys and certificates', () => {
  const validity = 14 * DAY;
  const key = (expires: number | null, expired = false) => ({ scope: 'mgmt', expires, expired });
  const keys = (...entries: ReturnType<typeof key>[]) => ({ entries, fingerprint: 'same' });

  it('are told in time', () => {
    const judge = (expires: number | null) =>
      judgeKeys(new Map([['a', keys(key(expires))]]), NOW, { validity }).status;
    expect([judge(null), judge(NOW + 15 * DAY), judge(NOW + 13 * DAY), judge(NOW - 1)]).toEqual([
      'ok',
      'ok',
      'warn',
      'warn',
    ]);
    const certificate = (ends: number) =>
      judgeCertificates(new Map([['a', [{ listener: 'mqtts h:8883', ends }]]]), NOW, { validity }).status;
    expect([certificate(NOW + 15 * DAY), certificate(NOW + 13 * DAY), certificate(NOW)]).toEqual([
      'ok',
      'warn',
      'critical',
    ]);
  });

  it('do not hide that the nodes know different keys', () => {
    const known = new Map([
      ['a', keys(key(null))],
      ['b', { ...keys(key(null)), fingerprint: 'other' }],
    ]);
    expect(judgeKeys(known, NOW, { validity })).toMatchObject({ status: 'warn', nodes: ['a', 'b'] });
  });
});

describe('who serves clients', () => {
  const member = (name: string, status: string | null): Member => {
    const listeners = [{ type: 'http', status: 'running', address: '10.0.0.1', port: 8888 }];
    const mqtt = status === null ? [] : [{ type: 'mqtt', status, address: '10.0.0.1', port: 1883 }];
    const own: NodeView = {
      node: name,
      version: '2.1.2',
      members: new Map(),
      listeners: [...listeners, ...mqtt],
      counters: null,
    };
    return { name, running: 'yes', seenBy: {}, own, address: 'http://10.0.0.1:8888' };
  };
  const met = (dials: Record<string, 'open' | 'refused' | 'silent'>) => ({
    known: new Map(Object.entries(dials)),
    missing: new Map<string, string>(),
  });

  it('is judged by listeners that run, and by a connection to them', () => {
    const both = [member('a', 'running'), member('b', 'running')];
    expect(judgeListeners(both, met({ a: 'open', b: 'open' })).status).toBe('ok');
    expect(judgeListeners(both, met({ a: 'open', b: 'silent' }))).toMatchObject({
      status: 'warn',
      nodes: ['b'],
    });
    // From here all may be shut on purpose.
    expect(judgeListeners(both, met({ a: 'silent', b: 'silent' })).status).toBe('unknown');
    for (const status of ['suspended', null])
      expect(judgeListeners([member('a', status)], met({ a: 'refused' })).status).toBe('critical');
  });

  it('is not judged by /health, which says OK after a leave with -k', () => {
    const judge = (says: boolean, serves: boolean) => judgeHealth(new Map([['a', { says, serves }]])).status;
    expect([judge(true, true), judge(true, false), judge(false, true), judge(false, false)]).toEqual([
      'ok',
      'critical',
      'warn',
      'ok',
    ]);
  });

  it('is not called the same by all where some have not told their view', () => {
    const members = [member('a', 'running'), { ...member('b', 'running'), own: null }];
    expect(judgeViews({ members, observers: ['a', 'b'] }).status).toBe('ok');
    const { status, evidence } = judgeViews({ members, observers: ['a'] });
    expect({ status, evidence }).toEqual({
      status: 'unknown',
      evidence: ['b: it does not answer here, though others see it run'],
    });
    const dead = { ...member('b', 'running'), own: null, running: 'no' as const };
    expect(judgeViews({ members: [...members.slice(0, 1), dead], observers: ['a'] }).status).toBe('ok');
  });

  it('is not judged where sessions are stuck', () => {
    expect(judgeWedged(new Map([['a', []]])).status).toBe('ok');
    expect(judgeWedged(new Map([['a', ['client-1']]]))).toMatchObject({ status: 'warn', nodes: ['a'] });
  });

  it('can take those of the largest node in good time', () => {
    const online = new Map([
      ['a', 10_000],
      ['b', 10],
      ['c', 10],
    ]);
    const limits = { loginStorm: 120_000, bcryptCost: 12 };
    // 200 ms for a check with cost 12: two nodes take 10 in a second with one each, 80 with eight.
    expect(judgeLogins(online, { ...limits, bcryptPool: 1 }).summary).toContain('1000 s');
    expect(judgeLogins(online, { ...limits, bcryptPool: 1 }).status).toBe('warn');
    expect(judgeLogins(online, { ...limits, bcryptPool: 16 }).status).toBe('ok');
  });
});

describe('what a node does not tell', () => {
  const answers = (known: string[], missing: string[]) => ({
    known: new Map(known.map((name) => [name, 1])),
    missing: new Map(missing.map((name) => [name, 'it hangs'])),
  });

  it('makes a check unknown, never ok', () => {
    expect(judged(answers(['a', 'b'], []), () => ok('fine')).status).toBe('ok');
    expect(judged(answers(['a'], ['b']), () => ok('fine'))).toMatchObject({
      status: 'unknown',
      evidence: ['b: not known: it hangs'],
    });
    expect(judged(answers([], ['b']), () => expect.fail('nothing to judge')).status).toBe('unknown');
  });

  it('does not hide what the others tell', () => {
    const bad = { status: 'critical', summary: 'it burns' } as const;
    expect(judged(answers(['a'], ['b']), () => bad)).toMatchObject({
      status: 'critical',
      summary: 'it burns',
    });
  });
});
