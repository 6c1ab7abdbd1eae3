import { describe, expect, it } from 'vitest';
import type { Listener } from '../../../../src/lib/admin/rpc.js';
import type { Attempt, Origin } from '../../../../src/lib/cluster/ports/attempt.js';
import { sampleOf } from '../../../../src/lib/cluster/ports/distribution.js';
import { findPortProblems } from '../../../../src/lib/cluster/ports/problems.js';
import { HERE, hostTarget, listenerTargets } from '../../../../src/lib/cluster/ports/targets.js';
import { FILTERED, OPEN, REFUSED, type Verdict } from '../../../../src/lib/cluster/ports/verdict.js';
import type { ClusterView, Member } from '../../../../src/lib/cluster/view.js';
import { NO_COUNTERS } from '../../../support/counters.js';

const listener = (type: string, address: string, port: number, status = 'running'): Listener => ({
  type,
  address,
  port,
  status,
});

function member(name: string, listeners: readonly Listener[]): Member {
  const counters = NO_COUNTERS;
  const own = { node: name, version: '2.1.2', members: new Map([[name, true]]), listeners, counters };
  return { name, running: 'yes', seenBy: {}, own, address: null };
}

const view = (...members: Member[]): ClusterView => ({
  members,
  observers: [],
  unreachable: [],
  partial: [],
});
const from = (...names: string[]): Origin[] =>
  [HERE, ...names].map((name) => ({ from: name, method: name === HERE ? null : 'bash', error: null }));

const A = member('VerneMQ@10.0.0.1', [listener('vmq', '10.0.0.1', 44053)]);
const B = member('VerneMQ@10.0.0.2', [listener('vmq', '10.0.0.2', 44053), listener('mqtt', '0.0.0.0', 1883)]);

/** Every listener of B, as it was found from somewhere. */
const tried = (origin: string, verdict: Verdict, target = B): Attempt[] =>
  listenerTargets(target).map((each) => ({ from: origin, ...each, ...verdict }));

const codes = (problems: ReturnType<typeof findPortProblems>) =>
  problems.map(({ severity, code }) => `${severity} ${code}`);

describe('the ports of a node', () => {
  it('are where others look for them: a listener on all addresses is at its host', () => {
    expect(listenerTargets(B).map(({ kind, host, port }) => `${kind} ${host}:${port}`)).toEqual([
      'cluster 10.0.0.2:44053',
      'mqtt 10.0.0.2:1883',
    ]);
  });

  it('have the clustering listener that is announced: with TLS before the one without', () => {
    const both = member('a@10.0.0.1', [
      listener('vmq', '10.0.0.1', 44053),
      listener('vmqs', '10.0.0.1', 44054),
    ]);
    expect(listenerTargets(both).map(({ port }) => port)).toEqual([44054]);
  });

  it.each([
    ['vmq', '0.0.0.0', 'VerneMQ@10.0.0.1', 'dials itself'],
    ['vmq', '127.0.0.1', 'VerneMQ@10.0.0.1', 'only its own machine'],
    ['mqtt', '127.0.0.1', 'VerneMQ@10.0.0.1', 'only its own machine'],
    ['mqtt', '0.0.0.0', 'VerneMQ@10.0.0.1', undefined],
    ['vmq', '127.0.0.1', 'VerneMQ@127.0.0.1', undefined],
    ['vmq', '192.168.7.7', 'VerneMQ@10.0.0.1', undefined],
  ])('a %s listener on %s of %s: %s', (type, address, name, wrong) => {
    const [target] = listenerTargets(member(name, [listener(type, address, 1)]));
    if (wrong === undefined) expect(target?.wrong).toBeUndefined();
    else expect(target?.wrong?.detail).toContain(wrong);
  });
});

describe('problems with ports', () => {
  it('are none where all is open', () => {
    const attempts = [...tried(HERE, OPEN), ...tried('VerneMQ@10.0.0.1', OPEN)];
    expect(findPortProblems(view(A, B), from('VerneMQ@10.0.0.1', 'VerneMQ@10.0.0.2'), attempts)).toEqual([]);
  });

  it('are errors between nodes, and no more than warnings from here', () => {
    const origins = from('VerneMQ@10.0.0.1', 'VerneMQ@10.0.0.2');
    expect(codes(findPortProblems(view(A, B), origins, tried(HERE, FILTERED)))).toEqual([
      'warning mqtt_filtered',
    ]);
    const between = findPortProblems(view(A, B), origins, tried('VerneMQ@10.0.0.1', FILTERED));
    expect(codes(between)).toEqual(['error cluster_filtered']);
    expect(between[0]?.message).toBe(
      'the clustering listener of VerneMQ@10.0.0.2 (10.0.0.2:44053), from VerneMQ@10.0.0.1: filtered',
    );
    expect(between[0]?.hint).toContain('firewalls');
  });

  it('tell an address that is announced wrongly without any connect, once', () => {
    const zero = member('VerneMQ@10.0.0.2', [listener('vmq', '0.0.0.0', 44053)]);
    const [target] = listenerTargets(zero);
    if (!target?.wrong) throw new Error('it is not wrong');
    const attempts = [HERE, 'VerneMQ@10.0.0.1'].map((origin) => ({
      from: origin,
      ...target,
      ...target.wrong,
    }));
    const problems = findPortProblems(
      view(A, zero),
      from('VerneMQ@10.0.0.1', 'VerneMQ@10.0.0.2'),
      attempts as Attempt[],
    );
    expect(codes(problems)).toEqual(['error cluster_wrong_address']);
    expect(problems[0]?.message).toContain('announced as 0.0.0.0');
    expect(problems[0]?.hint).toContain('listener.vmq.clustering');
  });

  it('are not that a suspended listener refuses', () => {
    const suspended = member('b@10.0.0.2', [
      listener('vmq', '10.0.0.2', 44053),
      listener('mqtt', '10.0.0.2', 1883, 'suspended'),
    ]);
    const attempts = tried(HERE, REFUSED, suspended);
    expect(
      codes(findPortProblems(view(A, suspended), from('VerneMQ@10.0.0.1', 'b@10.0.0.2'), attempts)),
    ).toEqual([]);
  });

  it('are not that unused ports of the range refuse, but that they are filtered', () => {
    const range = (verdict: Verdict): Attempt[] =>
      [9100, 9101].map((port) => ({
        from: 'VerneMQ@10.0.0.1',
        ...hostTarget('VerneMQ@10.0.0.2', 'range', port),
        ...verdict,
      }));
    const origins = from('VerneMQ@10.0.0.1', 'VerneMQ@10.0.0.2');
    expect(codes(findPortProblems(view(A, B), origins, range(REFUSED)))).toEqual([]);
    const filtered = findPortProblems(view(A, B), origins, range(FILTERED));
    expect(codes(filtered)).toEqual(['warning range_filtered']);
    expect(filtered[0]?.message).toContain('10.0.0.2:9100, 9101');
  });

  it('tell what was not tried, and why', () => {
    const origins: Origin[] = [
      { from: HERE, method: null, error: null },
      { from: 'VerneMQ@10.0.0.1', method: null, error: 'ssh://x: it refuses' },
      { from: 'VerneMQ@10.0.0.2', method: null, error: null },
    ];
    const C = member('VerneMQ@10.0.0.3', [listener('vmq', '10.0.0.3', 44053)]);
    expect(codes(findPortProblems(view(A, B, C), origins, []))).toEqual([
      'warning no_origin',
      'warning no_tool',
      'warning no_ssh',
    ]);
  });

  it('tell a node without a clustering listener', () => {
    const bare = member('b@10.0.0.2', [listener('mqtt', '10.0.0.2', 1883)]);
    const origins = from('VerneMQ@10.0.0.1', 'b@10.0.0.2');
    expect(codes(findPortProblems(view(A, bare), origins, []))).toEqual(['error no_cluster_listener']);
  });
});

describe('a range of ports', () => {
  it.each([
    [{ minimum: 9100, maximum: 9100 }, [9100]],
    [{ minimum: 9100, maximum: 9103 }, [9100, 9101, 9102, 9103]],
    [{ minimum: 6000, maximum: 7999 }, [6000, 6286, 6571, 6857, 7142, 7428, 7713, 7999]],
  ])('%j is tried at its ends and in between', (range, ports) => {
    expect(sampleOf(range)).toEqual(ports);
  });
});
