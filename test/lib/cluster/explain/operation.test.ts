import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { AdminReply, Row } from '../../../../src/lib/admin/rpc.js';
import { type Explanation, explainSession } from '../../../../src/lib/cluster/explain/operation.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster } from '../../../support/fake-cluster.js';
import { MemoryStore } from '../../acl/memory-store.js';

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

const table = (rows: readonly Row[]): AdminReply => ({
  outcome: 'done',
  code: 'done',
  message: 'answered',
  elements: [{ type: 'table', rows }],
});

const session = (more: object) => ({
  node: 'a@h',
  mountpoint: '',
  client_id: 'dev-1',
  is_online: true,
  statename: 'online',
  user: 'u1',
  peer_host: '10.0.0.5',
  peer_port: 1000,
  protocol: 4,
  clean_session: true,
  session_started_at: 1,
  offline_messages: 0,
  ...more,
});

/** Never aborted. The fake clock listens to it once for each pause. */
function patient(): AbortSignal {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return signal;
}

async function explain(
  cluster: FakeCluster,
  more: Partial<Parameters<typeof explainSession>[0]> = {},
): Promise<Explanation> {
  const events = explainSession({
    fleet: cluster.fleet('a@h'),
    name: { clientId: 'dev-1', mountpoint: undefined },
    user: undefined,
    asked: { publish: undefined, subscribe: undefined },
    duration: 5000,
    openStore: undefined,
    logNodes: () => [],
    logs: { since: 1, file: undefined, sudo: false, prefix: undefined, deadline: 1000 },
    signal: patient(),
    ...more,
  });
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
  }
}

describe('an explanation of a session', () => {
  it('asks one node while all see all, and every one that answers in a split', async () => {
    const cluster = new FakeCluster('a@h', 'b@h', 'c@h');
    cluster.answers['session show'] = () => table([session({})]);
    await explain(cluster);
    expect(new Set(cluster.calls.filter((call) => call.includes('session show')))).toEqual(
      new Set(['http://127.0.0.1:8881 session show']),
    );
    cluster.calls.length = 0;
    cluster.kill('c@h');
    await explain(cluster);
    expect(new Set(cluster.calls.filter((call) => call.includes('session show')))).toEqual(
      new Set(['http://127.0.0.1:8881 session show', 'http://127.0.0.1:8882 session show']),
    );
  });

  it('sees a session that changes, and takes rows of other clients for nothing', async () => {
    const cluster = new FakeCluster('a@h');
    let port = 0;
    cluster.answers['session show'] = () => {
      port += 1;
      return table([session({ peer_port: port }), session({ client_id: 'dev-11', mountpoint: 'other' })]);
    };
    const { causes } = await explain(cluster);
    expect(causes.map(({ code }) => code)).toEqual(['taken_over']);
  });

  it('does not put more load on the nodes than a fifth of the time', async () => {
    const cluster = new FakeCluster('a@h');
    cluster.answers['session show'] = async () => {
      await cluster.clock.sleep(1000);
      return table([session({})]);
    };
    const { evidence } = await explain(cluster, { duration: 60_000 });
    expect(evidence.history.looks).toBeLessThanOrEqual(12);
  });

  it.each([
    ['a"b', 'aXb', '~^a.b$'],
    ['a b', 'a-b', '~^a.b$'], // the script of vmq-admin splits at blanks
    ['über', 'aaber', '~^..ber$'], // the management API encodes it twice
  ])(
    'filters %s by a pattern, which is not lost on the way to the broker',
    async (clientId, other, wanted) => {
      const cluster = new FakeCluster('a@h');
      const filters: unknown[] = [];
      cluster.answers['session show'] = ({ flags = [] }) => {
        filters.push(flags.find(([name]) => name === 'client_id')?.[1]);
        return table([session({ client_id: clientId }), session({ client_id: other })]);
      };
      const { evidence } = await explain(cluster, { name: { clientId, mountpoint: undefined } });
      expect(filters[0]).toBe(wanted);
      expect(evidence.sightings[0]?.rows).toHaveLength(1);
    },
  );

  it('puts the mountpoint first, by which the broker finds one queue at once', async () => {
    const cluster = new FakeCluster('a@h');
    let names: string[] = [];
    cluster.answers['session show'] = ({ flags = [] }) => {
      names = flags.filter(([, value]) => value !== true).map(([name]) => name);
      return table([]);
    };
    await explain(cluster, { name: { clientId: 'dev-1', mountpoint: 'mp' } });
    expect(names.slice(0, 2)).toEqual(['mountpoint', 'client_id']);
  });

  it('wants to be told which, where the id is in several mountpoints', async () => {
    const cluster = new FakeCluster('a@h');
    cluster.answers['session show'] = () => table([session({}), session({ mountpoint: 'mp' })]);
    await expect(explain(cluster)).rejects.toMatchObject({ kind: 'usage', code: 'several_mountpoints' });
  });

  it('reads the record of the user that is connected, and says when it cannot', async () => {
    const cluster = new FakeCluster('a@h');
    cluster.answers['session show'] = () => table([session({})]);
    const store = new MemoryStore();
    await store.put('["","dev-1","u1"]', `{"passhash":"${PASSHASH}","publish_acl":[{"pattern":"say"}]}`);
    const { evidence } = await explain(cluster, { openStore: async () => store });
    expect(evidence.rights).toMatchObject({ source: 'own', publish: ['say'], subscribe: [] });
    const down = new Failure('unreachable', 'unreachable', 'redis://r: no connection');
    const without = await explain(cluster, { openStore: () => Promise.reject(down) });
    expect(without.evidence.gaps).toContain('no record was read: redis://r: no connection');
  });

  it('says whose log was not read, though that of another node was', async () => {
    const cluster = new FakeCluster('a@h', 'b@h');
    cluster.answers['session show'] = () => table([session({})]);
    const broken = new Failure('unreachable', 'unreachable', 'no connection');
    const host = { url: 'ssh://h', run: () => Promise.reject(broken) } as never;
    const { evidence } = await explain(cluster, { logNodes: () => [{ node: 'a@h', host }] });
    expect(evidence.gaps.join('\n')).toMatch(/no log of b@h was read, unless on the same machine/);
  });

  it('finds the user by the record, where nobody else tells and there is one', async () => {
    const cluster = new FakeCluster('a@h');
    cluster.answers['session show'] = () => table([]);
    const store = new MemoryStore({ '["","dev-1","u7"]': '{"passhash":"x"}', '["","dev-2","u8"]': '{}' });
    expect((await explain(cluster, { openStore: async () => store })).evidence.user).toBe('u7');
    await store.put('["","dev-1","u9"]', '{}');
    const { evidence } = await explain(cluster, { openStore: async () => store });
    expect(evidence.user).toBeUndefined();
    expect(evidence.gaps.join()).toContain('there is one for each of u7, u9; give --username');
  });

  it('fails where sessions are refused, and ends when it is interrupted', async () => {
    const cluster = new FakeCluster('a@h');
    cluster.answers['session show'] = () => ({
      outcome: 'failed',
      code: 'unauthorized',
      message: 'the API key is refused',
      hint: '',
      elements: [],
    });
    await expect(explain(cluster)).rejects.toMatchObject({ kind: 'credentials' });
    delete cluster.answers['session show'];
    const ended = new AbortController();
    ended.abort();
    await expect(explain(cluster, { signal: ended.signal })).rejects.toMatchObject({ kind: 'interrupted' });
  });
});
