import { describe, expect, it } from 'vitest';
import { observe } from '../../../../src/lib/cluster/observe.js';
import { planReap } from '../../../../src/lib/cluster/reap/plan.js';
import { addressesOf, lookForLife, type Sign } from '../../../../src/lib/cluster/reap/signs.js';
import { mergeViews } from '../../../../src/lib/cluster/view.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster } from '../../../support/fake-cluster.js';

const [A, B, C] = ['a@10.0.0.1', 'b@10.0.0.2', 'c@10.0.0.3'] as const;

/** Three nodes on three hosts, of which some are dead. */
function cluster(...dead: string[]): FakeCluster {
  const nodes = new FakeCluster(A, B, C);
  for (const { name } of [...nodes.nodes.values()]) {
    const node = nodes.node(name);
    node.address = `http://${name.slice(2)}:8888`;
    node.listeners = [{ type: 'http', status: 'running', address: name.slice(2), port: 8888 }];
  }
  for (const name of dead) nodes.kill(name);
  return nodes;
}

const wish = (nodes: readonly string[], allowUnprovenDeath = false) => ({
  nodes,
  unfinished: [],
  earlier: [],
  allowUnprovenDeath,
  allowUnlistedNode: false,
});

async function look(nodes: FakeCluster, dead: readonly string[]) {
  const fleet = nodes.fleet(A);
  const view = mergeViews(await observe(fleet));
  return { view, signs: await lookForLife(fleet, view, dead) };
}

/** A node whose address answers with this. */
async function answering(failure: Failure): Promise<Sign | undefined> {
  const nodes = cluster(C);
  const { view } = await look(nodes, []);
  nodes.node(C).state = 'up';
  nodes.node(C).failure = failure;
  return (await lookForLife(nodes.fleet(A), view, [C])).get(C)?.[0];
}

describe('the addresses of a dead node', () => {
  it('are where it would be if it were like the others, and those given for its host', async () => {
    const { view } = await look(cluster(C), []);
    const seeds = ['http://10.0.0.1:8888', 'https://10.0.0.3:9999', 'erl://c@10.0.0.3', 'erl://x@10.0.0.3'];
    expect(addressesOf(C, view, seeds)).toEqual([
      'http://10.0.0.3:8888',
      'https://10.0.0.3:9999',
      'erl://c@10.0.0.3',
    ]);
  });

  it('are also those that are reached through an SSH host', async () => {
    const { view } = await look(cluster(C), []);
    const given = 'erl://c@10.0.0.3?port=9100&via=ssh://ops@bastion';
    expect(addressesOf(C, view, [given, given.replace('c@', 'x@')])).toEqual(['http://10.0.0.3:8888', given]);
  });

  it.each([
    ['nobody listens', 'silent', new Failure('unreachable', 'unreachable', 'no connection (ECONNREFUSED)')],
    [
      'nothing comes back',
      'silent',
      new Failure('unreachable', 'unreachable', 'no connection (CONNECT_DEADLINE)'),
    ],
    ['epmd does not know it', 'silent', new Failure('unreachable', 'node_not_registered', 'not registered')],
    [
      'a connection is taken and not answered',
      'answers',
      new Failure('unreachable', 'no_answer', 'no answer'),
    ],
    ['the cookie is wrong', 'answers', new Failure('credentials', 'wrong_cookie', 'wrong cookie')],
    ['a node without VerneMQ answers', 'answers', new Failure('unreachable', 'not_a_broker', 'no VerneMQ')],
    ['another node answers', 'another', new Failure('unreachable', 'other_node', 'the node there is d@h')],
    [
      'its host is not known here',
      'untried',
      new Failure('unreachable', 'unreachable', 'no connection (ENOTFOUND)'),
    ],
    ['SSH does not let us in', 'untried', new Failure('credentials', 'ssh_denied', 'denied')],
  ])('where %s tell: %s', async (_what, found, failure) => {
    expect(await answering(failure)).toMatchObject({ address: 'http://10.0.0.3:8888', found });
  });
});

describe('death', () => {
  it('is proved when every member says so and nothing answers', async () => {
    const { view, signs } = await look(cluster(C), [C]);
    expect(planReap(view, signs, wish([C]))).toMatchObject({
      targets: [{ name: C, missedBy: [A, B], signs: [{ found: 'silent' }] }],
      survivors: [A, B],
      warnings: [],
    });
  });

  it('is not proved where something answers, unless the operator has looked', async () => {
    const { view, signs } = await look(cluster(C), [C]);
    const doubtful = new Map([[C, [{ address: 'http://x', found: 'answers' as const, said: 'no answer' }]]]);
    expect(() => planReap(view, doubtful, wish([C]))).toThrow(
      expect.objectContaining({ kind: 'safety', code: 'something_answers' }),
    );
    expect(planReap(view, doubtful, wish([C], true)).targets).toHaveLength(1);
    const alive = new Map([[C, [{ address: 'http://x', found: 'alive' as const, said: 'it answers' }]]]);
    expect(() => planReap(view, alive, wish([C], true))).toThrow(
      expect.objectContaining({ code: 'node_alive' }),
    );
    expect(signs.size).toBe(1);
  });

  it('is believed of a majority that nobody can check from here, with a warning', async () => {
    const { view } = await look(cluster(C), []);
    expect(planReap(view, new Map(), wish([C])).warnings).toEqual([
      expect.stringContaining(`no address of ${C} could be tried from here`),
    ]);
  });

  it('is not believed of a minority that nobody can check from here', async () => {
    const { view, signs } = await look(cluster(B, C), [B, C]);
    expect(() => planReap(view, new Map(), wish([B, C]))).toThrow(
      expect.objectContaining({ kind: 'safety', code: 'death_unproven' }),
    );
    expect(planReap(view, signs, wish([B, C])).warnings).toEqual([expect.stringContaining('no majority')]);
  });
});
