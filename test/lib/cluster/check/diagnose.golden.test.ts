import { describe, expect, it } from 'vitest';
import { parseStatus } from '../../../../src/lib/admin/http/status.js';
import { isObject } from '../../../../src/lib/admin/json.js';
import { diagnose } from '../../../../src/lib/cluster/check/diagnose.js';
import type { Dial, ErlangDial, Evidence } from '../../../../src/lib/cluster/check/evidence.js';
import { readLogSigns } from '../../../../src/lib/cluster/check/log-signs.js';
import { mergeViews, type Observation } from '../../../../src/lib/cluster/view.js';
import { type Scenario, type Snapshot, scenarios } from '../../../support/splitview.js';

/**
 * Scenario → what is the first cause at each of its snapshots, with the node at fault; `none` where the fault is over, or
 * has not shown itself in anything yet.
 */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  baseline: ['none'],
  'i-a.undialable-address': [...Array(3).fill('clustering_listener_unreachable 3'), 'none'],
  'i-b.clustering-listener-stopped': [
    'clustering_listener_stopped 3',
    'clustering_listener_stopped 3',
    'none',
  ],
  'ii-a.any-address': Array(2).fill('clustering_listener_loopback_or_any 3'),
  'ii-b.dials-itself': Array(2).fill('clustering_address_of_another_node 3'),
  'iii-a.cookie-before-join': ['cookie_differs 3'],
  'iii-b.cookie-changed': Array(2).fill('cookie_differs 3'),
  'iv-a.stopped': Array(2).fill('node_stopped 3'),
  'iv-b.killed': ['node_stopped 3', 'node_stopped 3', 'node_comes_back 3', 'none'],
  'v-a.clustering-port-drop': ['clustering_port_filtered 3', 'clustering_port_filtered 3', 'none'],
  'v-b.clustering-port-reset': ['clustering_port_filtered 3', 'clustering_port_filtered 3', 'none'],
  'v-c.sigstop': ['frozen_node 3', 'frozen_node 3', 'none'],
  'v-d.dist-port-drop': ['distribution_port_filtered 3', 'distribution_port_filtered 3', 'none'],
  'v-e.drop-and-flood': [...Array(3).fill('clustering_port_filtered 3'), 'none'],
  'v-f.dist-links-drop': ['distribution_port_filtered 3', 'distribution_port_filtered 3', 'none'],
  'vi-a.fresh-same-name': ['wiped_node_came_back 3', 'wiped_node_came_back 3', 'none'],
  'vi-b.fresh-same-name-empty-join': ['wiped_node_came_back 3', 'none'],
  'vii.expelled-comes-back': Array(2).fill('expelled_node_came_back 3'),
};

/** What the packet filter of the scenario does to a new connection to the clustering port of node 3; else it is open. */
const FILTERED: Readonly<Record<string, Dial>> = {
  'i-a.undialable-address': 'refused',
  'i-b.clustering-listener-stopped': 'refused',
  'v-a.clustering-port-drop': 'silent',
  'v-b.clustering-port-reset': 'refused',
  'v-e.drop-and-flood': 'silent',
};

/** Which snapshots are of the time when the fault was there: what the logs said before is not said any more after it. */
const isFaulty = (scenario: Scenario, index: number) => EXPECTED[scenario.id]?.[index] !== 'none';

const numberOf = (node = '') => node.replace(/@.*/, '').slice(-1);
type Recorded = Snapshot['nodes'][string];

/** What a look at one node brings: all of it, or its `cluster show` alone, or nothing. */
function observed(node: string, { statusJson, http }: Recorded): Observation {
  const address = `http://127.0.0.1:888${numberOf(node)}`;
  const status = statusJson?.status === 200 ? parseStatus(JSON.stringify(statusJson.body)) : undefined;
  if (status) return { address, ...status, partial: false };
  const rows = http?.status === 200 && isObject(http.body) ? http.body.table : undefined;
  if (!Array.isArray(rows)) return { address, expected: node, error: http?.error ?? 'no answer' };
  const members = new Map(rows.map(({ Node, Running }) => [String(Node), Running === true]));
  const view = { node, version: null, members, listeners: [], counters: null };
  return { address, self: node, views: [view], partial: true };
}

/** vmq-admin makes a new Erlang connection each time: what it met. */
function erlangDial({ cli }: Recorded): ErlangDial {
  if (cli?.stderr?.includes('not responding to pings')) return 'refused';
  return cli?.stdout === '' ? 'silent' : 'open';
}

/** No answer within the recorder's patience was none from a port that takes connections. */
const managementDial = ({ http }: Recorded): Dial => (http?.error === 'ECONNREFUSED' ? 'refused' : 'open');

function evidenceOf(scenario: Scenario, index: number, snapshot: Snapshot): Evidence {
  const nodes = Object.entries(snapshot.nodes);
  const fault = isFaulty(scenario, index);
  const clusteringDial = (node: string, recorded: Recorded): Dial =>
    numberOf(node) !== '3' || !fault ? 'open' : (FILTERED[scenario.id] ?? managementDial(recorded));
  const logs = Object.entries(scenario.logKeyLines).map(
    ([node, lines]) => [node, readLogSigns(lines.map(({ line, times }) => ({ text: line, times })))] as const,
  );
  return {
    view: mergeViews(nodes.map(([node, recorded]) => observed(node, recorded))),
    clustering: new Map(nodes.map(([node, recorded]) => [node, clusteringDial(node, recorded)])),
    fromPeers: new Map(),
    distribution: new Map(nodes.map(([node, recorded]) => [node, erlangDial(recorded)])),
    management: new Map(nodes.map(([node, recorded]) => [node, managementDial(recorded)])),
    channels: new Map(),
    logs: new Map(fault ? logs : []),
    hasLasted: false,
  };
}

const first = (evidence: Evidence): string => {
  const [cause] = diagnose(evidence);
  return cause ? `${cause.code} ${numberOf(cause.nodes[0])}` : 'none';
};

describe.each(['splitview.json', 'splitview-2.2.0.json'] as const)('a recorded fault (%s)', (file) => {
  it.each(scenarios(file).map((scenario) => [scenario.id, scenario] as const))(
    '%s is traced to its cause',
    (id, scenario) => {
      expect(
        scenario.snapshots.map((snapshot, index) => first(evidenceOf(scenario, index, snapshot))),
      ).toEqual(EXPECTED[id]);
    },
  );

  it.each(scenarios(file).map((scenario) => [scenario.id, scenario] as const))(
    '%s: each cause says why it is this one, and what to do',
    (_id, scenario) => {
      for (const [index, snapshot] of scenario.snapshots.entries())
        for (const { message, because, cure, certainty, look } of diagnose(
          evidenceOf(scenario, index, snapshot),
        )) {
          expect([message, because, cure].every((text) => text.length > 20)).toBe(true);
          if (certainty !== 'certain') expect(look).toBeTruthy();
        }
    },
  );
});

describe('what is recorded without a look at the logs', () => {
  const bare = (id: string, index: number, change: Partial<Evidence> = {}): string[] => {
    const scenario = scenarios('splitview.json').find((one) => one.id === id);
    const snapshot = scenario?.snapshots[index];
    if (!scenario || !snapshot) throw new Error(`no ${id}`);
    const evidence = { ...evidenceOf(scenario, index, snapshot), logs: new Map(), ...change };
    return diagnose(evidence).map(({ code, certainty }) => `${certainty} ${code}`);
  };

  it('tells both the cookie and the ports of a split whose Erlang ports could not be tried', () => {
    expect(bare('iii-b.cookie-changed', 1, { distribution: new Map() })).toEqual([
      'possible cookie_differs',
      'possible distribution_port_filtered',
    ]);
  });

  it('tells both a stopped node and a lost host of a member none of whose ports could be tried', () => {
    const none = { distribution: new Map(), clustering: new Map(), management: new Map() };
    expect(bare('iv-a.stopped', 1, none)).toEqual(['possible node_stopped', 'possible host_unreachable']);
  });

  it('suspects the host where nothing comes back from a dead member at all', () => {
    const silent = new Map([['VerneMQ3@127.0.0.1', 'silent' as const]]);
    const change = { distribution: silent, clustering: silent, management: silent };
    expect(bare('iv-a.stopped', 1, change)).toEqual(['likely host_unreachable']);
  });

  it('does not take its own machine being kept out for a fault of the cluster', () => {
    const nodes = ['VerneMQ1@127.0.0.1', 'VerneMQ2@127.0.0.1', 'VerneMQ3@127.0.0.1'];
    const silent = new Map(nodes.map((node) => [node, 'silent' as const]));
    expect(bare('baseline', 0, { clustering: silent, distribution: silent })).toEqual([]);
  });

  it('names the joins that are perhaps on their way beside an expelled node', () => {
    expect(bare('vii.expelled-comes-back', 1)).toEqual(['likely expelled_node_came_back']);
  });

  it('is certain of a cookie that was tried, and takes nothing from one that no node accepts', () => {
    const met = (third: ErlangDial, others: ErlangDial) =>
      new Map<string, ErlangDial>([
        ['VerneMQ1@127.0.0.1', others],
        ['VerneMQ2@127.0.0.1', others],
        ['VerneMQ3@127.0.0.1', third],
      ]);
    expect(bare('iii-b.cookie-changed', 1, { distribution: met('wrong_cookie', 'accepted') })).toEqual([
      'certain cookie_differs',
    ]);
    expect(bare('baseline', 0, { distribution: met('wrong_cookie', 'wrong_cookie') })).toEqual([]);
  });

  it('does not call a node frozen that shakes hands, though nobody sees it', () => {
    const met = (third: ErlangDial): Partial<Evidence> => ({
      clustering: new Map([['VerneMQ3@127.0.0.1', 'open']]),
      distribution: new Map<string, ErlangDial>([
        ['VerneMQ1@127.0.0.1', 'accepted'],
        ['VerneMQ3@127.0.0.1', third],
      ]),
    });
    expect(bare('iv-a.stopped', 1, met('wrong_cookie'))).toEqual(['certain cookie_differs']);
    expect(bare('iv-a.stopped', 1, met('accepted'))).toEqual(['likely distribution_port_filtered']);
    expect(bare('iv-a.stopped', 1, met('open'))).toEqual(['likely frozen_node']);
  });

  it('sees from the brokers themselves that a link for messages is down', () => {
    const channels = new Map([['VerneMQ1@127.0.0.1', new Map([['VerneMQ3@127.0.0.1', 'init' as const]])]]);
    expect(bare('baseline', 0, { channels })).toEqual(['likely data_channel_down']);
  });
});
