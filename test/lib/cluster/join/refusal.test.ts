import { expect, it } from 'vitest';
import { explainRefusal } from '../../../../src/lib/cluster/join/refusal.js';
import { observe } from '../../../../src/lib/cluster/observe.js';
import { mergeViews } from '../../../../src/lib/cluster/view.js';
import { FakeCluster, failed } from '../../../support/fake-cluster.js';

const [A, B] = ['a@127.0.0.1', 'b@127.0.0.1'] as const;

it.each([
  ['non_empty_node', true, 'failed', 'wipe its data'],
  ['not_reachable', true, 'failed', `${A} answers here, so it runs: compare distributed_cookie`],
  ['not_reachable', false, 'failed', `${A} is not known here: check its spelling`],
  ['join_refused', true, 'failed', `${B} (the joining node) is not empty, which it checks first`],
  ['join_refused', true, 'failed', 'compare distributed_cookie'],
  ['join_refused', false, 'failed', 'check its spelling'],
  ['wrong_cookie', true, 'credentials', 'Look at the node.'],
  ['self_join', true, 'failed', 'Look at the node.'],
])('%s, with the discovery node seen here: %s, is explained', async (code, isSeen, kind, hint) => {
  const cluster = new FakeCluster(A);
  cluster.add(B, 2);
  const before = mergeViews(await observe(cluster.fleet(isSeen ? A : B)));
  const reply = failed({ outcome: 'refused', code, message: 'no' });
  const facts = { on: cluster.node(B).address, joining: B, discoveryNode: A };
  expect(explainRefusal(reply, facts, before)).toMatchObject({ kind, hint: expect.stringContaining(hint) });
});
