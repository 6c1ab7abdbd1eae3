import { describe, expect, it } from 'vitest';
import { findProblems } from '../../../src/lib/cluster/problems/find.js';
import { mergeViews } from '../../../src/lib/cluster/view.js';
import { observationsOf, scenarios } from '../../support/splitview.js';

/** What each snapshot of a provoked fault shows to somebody who looks at the views of all nodes; judged by hand. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  baseline: ['healthy'],
  // Faults of the clustering port do not show in any view of these versions; only the moment after the join does.
  'i-a.undialable-address': ['expelled_node 3', 'healthy', 'healthy', 'healthy'],
  'i-b.clustering-listener-stopped': ['separate_clusters', 'healthy', 'healthy'],
  'ii-a.any-address': ['expelled_node 3', 'healthy'],
  'ii-b.dials-itself': ['expelled_node 3', 'healthy'],
  'v-a.clustering-port-drop': ['healthy', 'healthy', 'healthy'],
  'v-b.clustering-port-reset': ['healthy', 'healthy', 'healthy'],
  'v-e.drop-and-flood': ['healthy', 'healthy', 'healthy', 'healthy'],
  'v-d.dist-port-drop': ['healthy', 'healthy', 'healthy'],
  'v-f.dist-links-drop': ['no_view, unreachable', 'healthy', 'healthy'],
  'iii-a.cookie-before-join': ['separate_clusters'],
  'iii-b.cookie-changed': ['netsplit', 'netsplit'],
  'iv-a.stopped': ['ghost 3, unreachable', 'ghost 3, unreachable'],
  'iv-b.killed': ['ghost 3, unreachable', 'ghost 3, unreachable', 'one_sided_view', 'healthy'],
  'vi-a.fresh-same-name': ['wiped_node 3', 'wiped_node 3', 'healthy'],
  'vi-b.fresh-same-name-empty-join': ['wiped_node 3', 'healthy'],
  'vii.expelled-comes-back': ['expelled_node 3', 'expelled_node 3'],
  // Frozen: /status.json hangs on all three at first, then the others notice.
  'v-c.sigstop': ['no_view, unreachable', 'ghost 3, unreachable', 'healthy'],
};

/** The codes, and for what is about one node its number: `VerneMQ3` of 2.1.2 and `VerneMQ23` of 2.2.0 are both 3. */
function summary(problems: ReturnType<typeof findProblems>): string {
  const ofOneNode = new Set(['ghost', 'wiped_node', 'expelled_node']);
  const texts = problems.map(({ code, nodes }) =>
    ofOneNode.has(code) ? `${code} ${nodes[0]?.replace(/@.*/, '').slice(-1)}` : code,
  );
  return [...new Set(texts)].join(', ') || 'healthy';
}

describe.each(['splitview.json', 'splitview-2.2.0.json'] as const)(
  'faults provoked on a real cluster (%s)',
  (file) => {
    it.each(scenarios(file).map((scenario) => [scenario.id, scenario] as const))(
      '%s',
      (id, { snapshots }) => {
        expect(
          snapshots.map((snapshot) => summary(findProblems(mergeViews(observationsOf(snapshot))))),
        ).toEqual(EXPECTED[id]);
      },
    );
  },
);
