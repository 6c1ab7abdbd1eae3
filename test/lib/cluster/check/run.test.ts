import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { selectChecks } from '../../../../src/lib/cluster/check/catalogue.js';
import type { Check } from '../../../../src/lib/cluster/check/check.js';
import { diagnose } from '../../../../src/lib/cluster/check/diagnose.js';
import { noEvidence } from '../../../../src/lib/cluster/check/evidence.js';
import { ok } from '../../../../src/lib/cluster/check/finding.js';
import type { Thresholds } from '../../../../src/lib/cluster/check/options.js';
import type { Place } from '../../../../src/lib/cluster/check/place.js';
import type { Probes } from '../../../../src/lib/cluster/check/probes.js';
import { checkCluster } from '../../../../src/lib/cluster/check/run.js';
import { watchCluster } from '../../../../src/lib/cluster/check/watch.js';
import { mergeViews } from '../../../../src/lib/cluster/view.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster } from '../../../support/fake-cluster.js';

const [A, B, C] = ['a@127.0.0.1', 'b@127.0.0.1', 'c@127.0.0.1'];

const THRESHOLDS: Thresholds = {
  settle: 0,
  sample: 2000,
  takeovers: 1,
  queueGrowth: 1000,
  droppedBytes: 0,
  validity: 86_400_000,
  loginStorm: 60_000,
  bcryptPool: 1,
  bcryptCost: 12,
};

/** All ports are open, and no log can be read. */
const OPEN: Probes = {
  dial: async () => 'open',
  dialFrom: async () => undefined,
  erlang: async () => 'open',
  certificateEnd: async () => undefined,
  log: async () => undefined,
};

const request = (nodes: FakeCluster, checks: readonly Check[], probes: Partial<Probes> = {}) => ({
  fleet: nodes.fleet(),
  probes: { ...OPEN, ...probes },
  checks,
  thresholds: THRESHOLDS,
});

const check = (name: string, run: Check['run']): Check => ({ name, about: 'a test', run });

describe('the checks', () => {
  it('run at the same time, and one that hangs costs its own deadline and nothing else', async () => {
    const nodes = new FakeCluster(A, B);
    const hangs = check('hangs', () => new Promise(() => undefined));
    const quick = check('quick', async () => ok('fine'));
    const { checks, status } = await checkCluster(request(nodes, [hangs, quick]));
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['hangs', 'unknown'],
      ['quick', 'ok'],
    ]);
    expect(status).toBe('unknown');
  });

  it('are unknown where they fail, with the reason and the cure', async () => {
    const fails = check('fails', () =>
      Promise.reject(new Failure('failed', 'x', 'it is broken', { hint: 'mend it' })),
    );
    const { checks } = await checkCluster(request(new FakeCluster(A), [fails]));
    expect(checks[0]).toMatchObject({ status: 'unknown', summary: 'it is broken', cure: 'mend it' });
  });

  it('do not hide a mistake of our own', async () => {
    const bug = check('bug', () => Promise.reject(new TypeError('a bug')));
    await expect(checkCluster(request(new FakeCluster(A), [bug]))).rejects.toThrow('a bug');
  });

  it('fail as a whole where no node answers', async () => {
    const nodes = new FakeCluster(A);
    nodes.kill(A);
    await expect(checkCluster(request(nodes, selectChecks([], [])))).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  it('are chosen by name, and a name that is none is refused', () => {
    const names = (only: string[], skip: string[]) => selectChecks(only, skip).map(({ name }) => name);
    expect(names(['views', 'ghosts'], ['ghosts'])).toEqual(['views']);
    expect(names([], [])).toContain('certificates');
    expect(() => names(['vews'], [])).toThrow(/did you mean views/);
    expect(() => names(['views'], ['views'])).toThrow(Failure);
  });
});

describe('a cluster of the fake', () => {
  const views = selectChecks(['views', 'ghosts', 'splits', 'partitions', 'data-channel'], []);

  it('is ok where all agree and the ports are open', async () => {
    const { status, causes } = await checkCluster(request(new FakeCluster(A, B, C), views));
    expect({ status, causes }).toEqual({ status: 'ok', causes: [] });
  });

  it('has a stopped node where its port refuses, and a frozen one where its port takes connections', async () => {
    for (const [met, code] of [
      ['refused', 'node_stopped'],
      ['open', 'frozen_node'],
    ] as const) {
      const nodes = new FakeCluster(A, B, C);
      nodes.kill(C);
      const probes = {
        dial: async (_host: string, port: number) => (port === 8883 ? met : ('open' as const)),
        erlang: async () => undefined,
      };
      const { causes, checks } = await checkCluster(request(nodes, views, probes));
      expect(causes[0]).toMatchObject({ code, nodes: [C] });
      expect(checks.find(({ name }) => name === 'ghosts')).toMatchObject({ status: 'critical', nodes: [C] });
    }
  });

  it('keeps a probe from another machine than that of the loopback listener', async () => {
    const nodes = new FakeCluster('a@10.0.0.1', 'b@10.0.0.2');
    const dialled: string[] = [];
    const probes = {
      dial: async (host: string) => {
        dialled.push(host);
        return 'open' as const;
      },
    };
    const report = await checkCluster(request(nodes, views, probes));
    expect(dialled).toEqual([]);
    expect(report.causes[0]?.code).toBe('clustering_listener_loopback_or_any');
    // The port is the one that the node has.
    expect(report.causes[0]?.cure).toContain('such as 10.0.0.1:44051');
  });

  it('has the line that joins nodes which were never joined', async () => {
    const nodes = new FakeCluster(A, B, C);
    nodes.node(C).members = new Map([[C, true]]);
    nodes.forget(C);
    const [cause] = (await checkCluster(request(nodes, views))).causes;
    expect(cause).toMatchObject({
      code: 'not_joined',
      cure: `vmqctl cluster join discovery-node=${A} --on ${nodes.node(C).address} (a node that joins has to be empty)`,
    });
  });

  it('goes by what the machines of other nodes meet at a clustering port, whatever is met from here', async () => {
    const nodes = new FakeCluster(A, B, C);
    const probes = {
      dialFrom: async ({ name }: { name: string }, places: readonly Place[]) =>
        places.map(({ port }) => (name === A && port === 44_053 ? ('silent' as const) : ('open' as const))),
    };
    const report = await checkCluster(request(nodes, views, probes));
    expect(report.causes[0]).toMatchObject({
      code: 'clustering_port_filtered',
      nodes: [C],
      because: `from the machine of ${A} it does not answer`,
    });
  });

  it('knows by the machines of other nodes that all ports are open, where none can be tried from here', async () => {
    const probes = {
      dial: async () => undefined,
      dialFrom: async (_node: unknown, places: readonly Place[]) => places.map(() => 'open' as const),
    };
    const { checks } = await checkCluster(request(new FakeCluster(A, B, C), views, probes));
    expect(checks.find(({ name }) => name === 'data-channel')).toMatchObject({ status: 'ok' });
  });

  it('asks a node whose membership is in doubt for nothing that takes a key, and for the rest', async () => {
    const open = new FakeCluster(A, B, C);
    open.forget(C);
    await checkCluster(request(open, selectChecks(['views', 'api-keys'], [])));
    expect(open.calls.filter((call) => call.includes('api-key show'))).toHaveLength(3);
    const nodes = new FakeCluster(A, B, C);
    for (const name of [A, B, C]) nodes.node(name).wantsKey = true;
    nodes.forget(C);
    await checkCluster(request(nodes, selectChecks(['views', 'api-keys'], [])));
    const asked = nodes.calls.filter((call) => call.includes('api-key show'));
    expect(asked).toHaveLength(2);
    expect(asked.join()).not.toContain(nodes.node(C).address);
  });
});

describe('what a start or a join shows for some seconds', () => {
  const THRESHOLD = { ...THRESHOLDS, settle: 20_000 };

  /** C has just joined: A hears of it at the third look. */
  function joining(heard: boolean) {
    const nodes = new FakeCluster(A, B, C);
    nodes.node(A).members.delete(C);
    const told: string[] = [];
    const onPassing = (why: string) => {
      told.push(why);
      if (heard && told.length === 2) nodes.node(A).members.set(C, true);
    };
    return { nodes, told, request: { ...request(nodes, views), thresholds: THRESHOLD, onPassing } };
  }
  const views = selectChecks(['views'], []);

  it('is no alarm where it passes', async () => {
    const { told, request } = joining(true);
    expect(await checkCluster(request)).toMatchObject({ status: 'ok', causes: [] });
    expect(told).toHaveLength(2);
    expect(told[0]).toContain(`${A} does not list ${C}`);
  });

  it('is one where it lasts, after all that time and no sooner', async () => {
    const { nodes, request } = joining(false);
    const started = nodes.clock.now();
    expect((await checkCluster(request)).status).toBe('critical');
    expect(nodes.clock.now() - started).toBe(20_000);
  });

  it('makes a wiped node certain where it lasts, and nobody has to look again', async () => {
    const nodes = new FakeCluster(A, B, C);
    nodes.node(C).members = new Map([[C, true]]);
    const { causes } = await checkCluster({ ...request(nodes, views), thresholds: THRESHOLD });
    expect(causes[0]).toMatchObject({ code: 'wiped_node_came_back', certainty: 'certain', nodes: [C, A, B] });
    expect(causes[0]?.look).toBeUndefined();
    // To be copied as it stands.
    expect(causes[0]?.cure).toContain(`discovery-node=${A} --on ${nodes.node(C).address} `);
  });

  it('costs no time where a node is dead', async () => {
    const nodes = new FakeCluster(A, B, C);
    nodes.kill(C);
    const started = nodes.clock.now();
    await checkCluster({ ...request(nodes, views), thresholds: THRESHOLD });
    expect(nodes.clock.now()).toBe(started);
  });
});

describe('a node that does not answer here, and runs for the others', () => {
  const view = (code: string) =>
    mergeViews([
      {
        address: 'erl://a',
        self: A,
        views: [
          {
            node: A,
            version: null,
            members: new Map([
              [A, true],
              [C, true],
            ]),
            listeners: [],
            counters: null,
          },
        ],
        partial: false,
      },
      {
        address: 'ssh://127.0.0.1',
        expected: undefined,
        error: 'silence',
        failure: { kind: 'unreachable', code, hint: undefined },
      },
    ]);

  it.each([
    ['mute', 'unreachable', 'frozen_node'],
    [undefined, 'ssh_deadline', 'frozen_node'],
    ['open', 'unreachable', undefined],
    ['accepted', 'unreachable', undefined],
  ] as const)('meeting %s, %s: %s', (met, code, cause) => {
    const distribution = new Map(met ? [[C, met]] : []);
    expect(diagnose({ view: view(code), ...noEvidence, distribution })[0]?.code).toBe(cause);
  });
});

describe('watching', () => {
  it('tells what has changed, and nothing else', async () => {
    const nodes = new FakeCluster(A, B, C);
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const checks = selectChecks(['views', 'ghosts'], []);
    const lines: string[] = [];
    // With each pause something happens.
    const happens = [
      () => undefined,
      () => nodes.kill(C),
      () => undefined,
      () => {
        nodes.node(C).state = 'up';
        for (const node of nodes.nodes.values()) node.members.set(C, true);
      },
      () => [A, B, C].map((name) => nodes.kill(name)),
      () => stop.abort(),
    ];
    const fleet = nodes.fleet();
    const { clock } = fleet;
    const stepping = {
      ...fleet,
      clock: {
        now: () => clock.now(),
        sleep: async (milliseconds: number, signal?: AbortSignal) => {
          if (milliseconds === 60_000) happens.shift()?.();
          await clock.sleep(milliseconds, signal);
        },
      },
    };
    const watched = { ...request(nodes, checks), fleet: stepping, signal: stop.signal };
    for await (const { kind, name, before, now } of watchCluster(watched, 60_000))
      lines.push(`${kind} ${name} ${before ?? '-'} ${now}`);
    expect(lines).toEqual([
      'check views ok critical',
      'check ghosts ok critical',
      'cause frozen_node - likely',
      'check views critical ok',
      'check ghosts critical ok',
      'cause frozen_node likely gone',
      'check cluster answers unreachable',
    ]);
  });
});
