import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdminRpc, NodeView } from '../../../src/lib/admin/rpc.js';
import { systemClock } from '../../../src/lib/clock.js';
import { deriveAddress, guessAddress, neighbours } from '../../../src/lib/cluster/addresses.js';
import { nodeViewOf } from '../../../src/lib/cluster/node-view.js';
import { type Fleet, observe } from '../../../src/lib/cluster/observe.js';
import { findProblems } from '../../../src/lib/cluster/problems/find.js';
import { inspectCluster } from '../../../src/lib/cluster/show.js';
import { mergeViews } from '../../../src/lib/cluster/view.js';
import { Failure } from '../../../src/lib/failure.js';
import { FakeCluster } from '../../support/fake-cluster.js';

const three = () => new FakeCluster('a@127.0.0.1', 'b@127.0.0.1', 'c@127.0.0.1');

describe('a look at a cluster', () => {
  it('finds the other nodes from the one that is given, and asks each of them itself', async () => {
    const observations = await observe(three().fleet('a@127.0.0.1'));
    expect(observations.map((observation) => 'self' in observation && observation.self)).toEqual([
      'a@127.0.0.1',
      'b@127.0.0.1',
      'c@127.0.0.1',
    ]);
  });

  it('asks only what it was given when told not to follow', async () => {
    expect(await observe(three().fleet('b@127.0.0.1'), undefined, { follow: false })).toHaveLength(1);
  });

  it('costs the deadline and no more when one node accepts and never answers', async () => {
    const cluster = three();
    const hanging = cluster.add('d@127.0.0.1', 4);
    hanging.state = 'frozen';
    const started = cluster.clock.now();
    const view = mergeViews(await observe(cluster.fleet('a@127.0.0.1', hanging.address)));
    expect(cluster.clock.now() - started).toBe(5000);
    expect(view.observers).toHaveLength(3);
    expect(view.unreachable).toEqual([
      {
        address: hanging.address,
        node: undefined,
        error: 'no answer (DEADLINE)',
        failure: { kind: 'unreachable', code: 'no_answer', hint: undefined },
      },
    ]);
  });

  it('still shows the membership within the deadline while a frozen member makes every full look hang', async () => {
    const cluster = three();
    cluster.node('c@127.0.0.1').state = 'frozen';
    const started = cluster.clock.now();
    const view = mergeViews(await observe(cluster.fleet()));
    expect(cluster.clock.now() - started).toBeLessThanOrEqual(5000);
    expect(view.partial).toHaveLength(2);
    expect(view.members.map(({ name, running }) => `${name} ${running}`)).toEqual([
      'a@127.0.0.1 yes',
      'b@127.0.0.1 yes',
      'c@127.0.0.1 yes',
    ]);
    expect(findProblems(view).find(({ code }) => code === 'status_hangs')?.message).toContain('c@127.0.0.1');
  });

  it('asks nobody with a key as long as the full look answers in time', async () => {
    const cluster = three();
    await observe(cluster.fleet());
    expect(cluster.calls).toEqual([]);
  });

  it('names a node once that is reached by two addresses', async () => {
    const cluster = three();
    const view = mergeViews(await observe(cluster.fleet('a@127.0.0.1', 'http://127.0.0.1:8881')));
    expect(view.members.map(({ address }) => address)).toEqual([
      'http://127.0.0.1:8881',
      'http://127.0.0.1:8882',
      'http://127.0.0.1:8883',
    ]);
  });
});

describe('the address of another node', () => {
  const view = (node: string, address: string, type = 'http') => ({
    node,
    version: null,
    members: new Map(),
    listeners: [{ type, status: 'running', address, port: 8888 }],
    counters: null,
  });

  it.each([
    [
      'its listener, where that names an address',
      'x@10.0.0.2',
      '10.0.0.2',
      'http://10.0.0.1:8888',
      'http://10.0.0.2:8888',
    ],
    [
      'its name, where the listener is on any address',
      'x@10.0.0.2',
      '0.0.0.0',
      'http://10.0.0.1:8888',
      'http://10.0.0.2:8888',
    ],
    ['its name in brackets for IPv6', 'x@fd00::2', '::', 'http://10.0.0.1:8888', 'http://[fd00::2]:8888'],
    [
      'none, where it listens on its own loopback only',
      'x@10.0.0.2',
      '127.0.0.1',
      'http://10.0.0.1:8888',
      undefined,
    ],
  ])('is %s', (_why, node, listener, seed, expected) => {
    expect(deriveAddress(view(node, listener), seed)).toBe(expected);
  });

  it('keeps the scheme: an https node is not sought over http', () => {
    expect(deriveAddress(view('x@10.0.0.2', '10.0.0.2'), 'https://10.0.0.1:8889')).toBeUndefined();
    expect(deriveAddress(view('x@10.0.0.2', '10.0.0.2', 'https'), 'https://10.0.0.1:8889')).toBe(
      'https://10.0.0.2:8888',
    );
  });

  it('is guessed from the name when nothing else is known', () => {
    expect(guessAddress('x@10.0.0.2', 'http://10.0.0.1:8888')).toBe('http://10.0.0.2:8888');
  });
});

describe('the nodes beside one that is reached over Erlang distribution', () => {
  const own: NodeView = {
    node: 'x@10.0.0.1',
    version: null,
    members: new Map([
      ['x@10.0.0.1', true],
      ['x@10.0.0.2', true],
      ['y@10.0.0.1', false],
      ['y@fd00::2', true],
    ]),
    listeners: [],
    counters: null,
  };

  it('are where their names say, also those that gave no view', () => {
    expect([...neighbours('erl://x@10.0.0.1', 'x@10.0.0.1', [own])]).toEqual([
      ['x@10.0.0.2', 'erl://x@10.0.0.2'],
      ['y@10.0.0.1', 'erl://y@10.0.0.1'],
      ['y@fd00::2', 'erl://y@[fd00::2]'],
    ]);
  });

  it('have the same port where epmd is not asked, but for another node on the same host', () => {
    expect([...neighbours('erl://x@10.0.0.1?port=9100', 'x@10.0.0.1', [own]).values()]).toEqual([
      'erl://x@10.0.0.2?port=9100',
      'erl://y@10.0.0.1',
      'erl://y@[fd00::2]?port=9100',
    ]);
  });

  it.each(['', 'x', 'x@', '@h', 'x@y@z', 'x@h?port=1', 'x@h/y', 'x y@h'])(
    'are not sought under the name %j',
    (node) => {
      expect(guessAddress(node, 'erl://x@10.0.0.1')).toBeUndefined();
    },
  );
});

describe('a look that is interrupted', () => {
  /** Nodes that answer, or hang until they are interrupted. */
  function world(hangs: (address: string, what: 'views' | 'membership') => boolean, ...seeds: string[]) {
    const names = ['a@127.0.0.1', 'b@127.0.0.1'];
    const members = new Map(names.map((name) => [name, true]));
    const hang = (signal?: AbortSignal) =>
      new Promise<never>((_, reject) => {
        const interrupt = () => reject(new Failure('interrupted', 'interrupted', 'interrupted'));
        signal?.addEventListener('abort', interrupt, { once: true });
      });
    const viewOf = (node: string) => ({ node, version: null, members, listeners: [], counters: null });
    const rpc = (address: string): AdminRpc => ({
      address,
      streams: true,
      call: () => hang(),
      views: async ({ signal }) => {
        if (hangs(address, 'views')) return await hang(signal);
        return { self: names[0] ?? '', views: [viewOf(names[0] ?? '')] };
      },
      membership: async ({ signal }) =>
        hangs(address, 'membership') ? await hang(signal) : viewOf(names[0] ?? ''),
      isOpen: async () => true,
      close: () => undefined,
    });
    return { rpc, seeds, deadline: 200, clock: systemClock };
  }

  async function interruptAfter(milliseconds: number, fleet: Fleet): Promise<unknown[]> {
    const stray: unknown[] = [];
    const listen = (reason: unknown) => stray.push(reason);
    process.on('unhandledRejection', listen);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), milliseconds);
    await expect(observe(fleet, stop.signal)).rejects.toMatchObject({ kind: 'interrupted' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', listen);
    return stray;
  }

  it.each<[string, number, Fleet]>([
    [
      'while a node that was found on the way is asked too',
      20,
      world((address) => address !== 'erl://a@127.0.0.1', 'erl://a@127.0.0.1', 'erl://c@127.0.0.1'),
    ],
    ['while a late node is asked for less', 150, world(() => true, 'erl://c@127.0.0.1')],
  ])('says so once, and nothing is left that would end the process: %s', async (_when, after, fleet) => {
    expect(await interruptAfter(after, fleet)).toEqual([]);
  });
});

describe('the nodes beside one that is reached over SSH', () => {
  const viewOf = (node: string, address = '0.0.0.0', members: string[] = [node]): NodeView => ({
    node,
    version: null,
    members: new Map(members.map((name) => [name, true])),
    listeners: [{ type: 'http', status: 'running', address, port: 8888 }],
    counters: null,
  });

  it('are on the hosts of their names, with the same user and port', () => {
    const own = viewOf('x@10.0.0.1', '0.0.0.0', ['x@10.0.0.1', 'x@10.0.0.2', 'x@mq3', 'x@fd00::4']);
    expect([...neighbours('ssh://op@10.0.0.1:2222', own.node, [own]).values()]).toEqual([
      'ssh://op@10.0.0.2:2222',
      'ssh://op@mq3:2222',
      'ssh://op@[fd00::4]:2222',
    ]);
    expect(guessAddress('x@mq3', 'ssh://mq1')).toBe('ssh://mq3');
  });

  it.each([
    ['ssh://op@10.0.0.1?via=ssh://b:2222', 'ssh://op@10.0.0.2?via=ssh://b:2222'],
    ['erl://x@10.0.0.1?port=9100&via=ssh://b', 'erl://x@10.0.0.2?port=9100&via=ssh://b'],
    ['http://10.0.0.1:8888?via=ssh://b', 'http://10.0.0.2:8888?via=ssh://b'],
    ['https://10.0.0.1:8889?via=ssh://b', 'https://10.0.0.2:8889?via=ssh://b'],
  ])('through %s: %s', (seed, expected) => {
    expect(guessAddress('x@10.0.0.2', seed)).toBe(expected);
  });

  it('keep what is in between, also where the port is known', () => {
    expect(deriveAddress(viewOf('x@10.0.0.2'), 'http://10.0.0.1:1?via=ssh://b')).toBe(
      'http://10.0.0.2:8888?via=ssh://b',
    );
  });

  it('are each reached through the host of their own where they listen on its loopback', () => {
    const seed = 'http://127.0.0.1:8888?via=ssh://op@10.0.0.1:2222';
    const expected = 'http://127.0.0.1:8888?via=ssh://op@10.0.0.2:2222';
    expect(deriveAddress(viewOf('x@10.0.0.2', '127.0.0.1'), seed)).toBe(expected);
    expect(guessAddress('x@10.0.0.2', seed)).toBe(expected);
    expect(guessAddress('y@127.0.0.1', seed)).toBe(seed);
  });

  it.each(['', 'x@', 'x@-oProxyCommand=id', 'x@h/y', 'x@a b', 'x@$(id)', 'x@h?via=ssh://evil'])(
    'are not sought under the name %j',
    (node) => {
      expect(guessAddress(node, 'ssh://op@10.0.0.1')).toBeUndefined();
      expect(guessAddress(node, 'http://127.0.0.1:8888?via=ssh://op@10.0.0.1')).toBeUndefined();
    },
  );
});

describe('an address that cannot be one', () => {
  const view = (node: string, address: string, port: number): NodeView => ({
    node,
    version: null,
    members: new Map([[node, true]]),
    listeners: [{ type: 'http', status: 'running', address, port }],
    counters: null,
  });
  const SEED = 'http://10.0.0.1:8888';

  it.each([
    ['x@10.0.0.2', 'not a host', 8888],
    ['x@10.0.0.2', '10.0.0.2', Number.NaN],
    ['x@10.0.0.2', '10.0.0.2', 70_000],
    ['x@10.0.0.2', '10.0.0.2', 0],
    ['x@10.0.0.2', '10.0.0.3/x', 8888],
    ['x@10.0.0.2', '', 8888],
    ['x@y@10.0.0.2', '0.0.0.0', 8888],
    ['x@', '::', 8888],
    ['not a node', '0.0.0.0', 8888],
  ])('is none: %s with %j:%s', (node, host, port) => {
    expect(deriveAddress(view(node, host, port), SEED)).toBeUndefined();
  });

  it.each(['x@', 'x@not a host', 'x@y@10.0.0.2', 'x@10.0.0.2/y', 'x@10.0.0.2?', ''])(
    'is not guessed from the name %j',
    (node) => {
      expect(guessAddress(node, SEED)).toBeUndefined();
    },
  );

  it('costs nothing but itself', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()),
        fc.double(),
        (node, host, port) => {
          for (const found of [deriveAddress(view(node, host, port), SEED), guessAddress(node, SEED)]) {
            expect(found === undefined || new URL(found).origin === found).toBe(true);
          }
        },
      ),
    );
  });

  it('leaves the rest of the answer as it is', async () => {
    const cluster = three();
    const odd = [{ type: 'http', status: 'running', address: 'not a host', port: Number.NaN }];
    cluster.node('b@127.0.0.1').listeners = odd;
    cluster.node('a@127.0.0.1').members.set('odd name', true);
    cluster.node('c@127.0.0.1').state = 'frozen';
    const seen = mergeViews(await observe(cluster.fleet('a@127.0.0.1')));
    expect(seen.observers).toContain('a@127.0.0.1');
  });
});

describe('what waits in the queues', () => {
  const session = (node: string, messages: number) => ({
    node,
    client_id: 'c',
    mountpoint: '',
    is_online: false,
    clean_session: false,
    offline_messages: messages,
  });

  it('is counted queue by queue on a small cluster', async () => {
    const cluster = three();
    Object.assign(cluster.node('b@127.0.0.1'), {
      offline: 2,
      sessions: [session('b@127.0.0.1', 3), session('b@127.0.0.1', 4)],
    });
    const { queued } = await inspectCluster(cluster.fleet());
    expect(queued.get('b@127.0.0.1')).toEqual({ messages: 7, exact: true });
    expect(queued.get('a@127.0.0.1')).toEqual({ messages: 0, exact: true });
  });

  it('is exact for many queues where the node can be asked for the sum, unless that costs it too much', async () => {
    const cluster = three();
    cluster.node('a@127.0.0.1').offline = 15_000;
    cluster.node('b@127.0.0.1').offline = 50_000;
    cluster.queueSummary = ({ name }) => {
      expect(name).not.toBe('b@127.0.0.1');
      if (name === 'c@127.0.0.1') throw new Failure('unreachable', 'no_answer', 'no answer');
      return { online: 0, waitingForOffline: 0, draining: 0, offline: 15_000, storedMessages: 10_180 };
    };
    const { queued } = await inspectCluster(cluster.fleet());
    expect(queued.get('a@127.0.0.1')).toEqual({ messages: 10_180, exact: true });
    expect(queued.get('b@127.0.0.1')).toMatchObject({ exact: false });
    expect(queued.get('c@127.0.0.1')).toMatchObject({ exact: false });
  });

  it('is estimated, and said to be, when the list is refused', async () => {
    const cluster = three();
    cluster.node('b@127.0.0.1').offline = 2;
    cluster.answers['session show'] = () => ({
      outcome: 'refused',
      code: 'unauthorized',
      message: 'no',
      hint: 'Give a key.',
      elements: [],
    });
    expect((await inspectCluster(cluster.fleet())).queued.get('b@127.0.0.1')).toEqual({
      messages: 0,
      exact: false,
    });
  });

  it('is not asked for queue by queue on a large one', async () => {
    const cluster = three();
    cluster.node('b@127.0.0.1').offline = 200_000;
    await inspectCluster(cluster.fleet());
    expect(cluster.calls).toEqual([]);
  });
});

describe('a cluster of which no node answers', () => {
  it('is a failure that names every address and why', async () => {
    const cluster = new FakeCluster('a@127.0.0.1', 'b@127.0.0.1');
    for (const node of cluster.nodes.values()) node.state = 'dead';
    await expect(inspectCluster(cluster.fleet())).rejects.toMatchObject({
      kind: 'unreachable',
      message:
        'no node answers: http://127.0.0.1:8881: no connection (ECONNREFUSED); http://127.0.0.1:8882: no connection (ECONNREFUSED)',
    });
  });
});

describe('a cluster that does not let us look', () => {
  const refuse = (cluster: FakeCluster, name: string, kind: 'credentials' | 'unreachable', hint: string) => {
    const node = cluster.node(name);
    const code = kind === 'credentials' ? 'unauthorized' : 'tls_not_trusted';
    node.failure = new Failure(kind, code, `${node.address}: no`, { hint });
  };
  const two = () => new FakeCluster('a@127.0.0.1', 'b@127.0.0.1');

  it('is a matter of credentials when every node refuses the key', async () => {
    const cluster = two();
    for (const name of cluster.nodes.keys()) refuse(cluster, name, 'credentials', 'Give another key.');
    const expected = {
      kind: 'credentials',
      code: 'unauthorized',
      message: 'no node answers: http://127.0.0.1:8881: no; http://127.0.0.1:8882: no',
      hint: 'Give another key.',
    };
    await expect(inspectCluster(cluster.fleet())).rejects.toMatchObject(expected);
    await expect(nodeViewOf(cluster.fleet(), 'a@127.0.0.1')).rejects.toMatchObject(expected);
  });

  it('keeps the cures of failures of one kind', async () => {
    const cluster = two();
    refuse(cluster, 'a@127.0.0.1', 'unreachable', 'Give --ca-file.');
    cluster.node('b@127.0.0.1').state = 'dead';
    await expect(inspectCluster(cluster.fleet())).rejects.toMatchObject({
      kind: 'unreachable',
      hint: expect.stringContaining('Give --ca-file.'),
    });
  });

  it('is out of reach when the nodes fail in different ways', async () => {
    const cluster = two();
    refuse(cluster, 'a@127.0.0.1', 'credentials', 'Give another key.');
    cluster.node('b@127.0.0.1').state = 'dead';
    await expect(inspectCluster(cluster.fleet())).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'unreachable',
      hint: expect.stringContaining('Check the URLs'),
    });
  });

  it('says of the one node that was asked for why it does not answer', async () => {
    const cluster = two();
    refuse(cluster, 'b@127.0.0.1', 'credentials', 'Give another key.');
    await expect(nodeViewOf(cluster.fleet('a@127.0.0.1'), 'b@127.0.0.1')).rejects.toMatchObject({
      kind: 'credentials',
      hint: 'Give another key.',
    });
  });
});

describe('two nodes of which only one lists the other', () => {
  it('are told as what they are, without advice to wipe either', async () => {
    const cluster = new FakeCluster('a@127.0.0.1', 'b@127.0.0.1');
    cluster.node('b@127.0.0.1').members.delete('a@127.0.0.1');
    const { problems } = await inspectCluster(cluster.fleet());
    expect(problems.map(({ code, nodes }) => [code, ...nodes])).toEqual([
      ['one_sided_membership', 'a@127.0.0.1', 'b@127.0.0.1'],
    ]);
    expect(problems[0]?.hint).toContain('find out which before you wipe anything');
  });
});

describe('a view that only one side has', () => {
  it('is named with the direction that does not work', async () => {
    const cluster = three();
    cluster.node('a@127.0.0.1').members.set('b@127.0.0.1', false);
    const { problems, healthy, view } = await inspectCluster(cluster.fleet());
    expect(healthy).toBe(false);
    expect(view.members.find(({ name }) => name === 'b@127.0.0.1')?.running).toBe('split');
    expect(problems.map(({ code, nodes }) => [code, ...nodes])).toEqual([
      ['one_sided_view', 'a@127.0.0.1', 'b@127.0.0.1'],
    ]);
  });

  it('is told from a split, in which both sides lose each other', async () => {
    const cluster = three();
    for (const [one, other] of [
      ['a', 'c'],
      ['b', 'c'],
      ['c', 'a'],
      ['c', 'b'],
    ]) {
      cluster.node(`${one}@127.0.0.1`).members.set(`${other}@127.0.0.1`, false);
    }
    const { problems } = await inspectCluster(cluster.fleet());
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['netsplit', expect.stringContaining('a@127.0.0.1, b@127.0.0.1 | c@127.0.0.1')],
    ]);
  });

  it('does not hide versions that differ, which alone are no fault', async () => {
    const cluster = three();
    cluster.node('c@127.0.0.1').version = '2.2.0';
    const { problems, healthy } = await inspectCluster(cluster.fleet());
    expect([healthy, ...problems.map(({ code, severity }) => `${severity} ${code}`)]).toEqual([
      true,
      'warning version_skew',
    ]);
  });
});
