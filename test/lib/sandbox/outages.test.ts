import { describe, expect, it, onTestFinished } from 'vitest';
import { openConnector } from '../../../src/lib/admin/connect.js';
import { systemClock } from '../../../src/lib/clock.js';
import { selectChecks } from '../../../src/lib/cluster/check/catalogue.js';
import { machineProbes } from '../../../src/lib/cluster/check/machine.js';
import { type CheckReport, checkCluster } from '../../../src/lib/cluster/check/run.js';
import type { Sandbox } from '../../../src/lib/sandbox/cluster.js';
import { OUTAGES } from '../../../src/lib/sandbox/outages/set.js';
import { Secret } from '../../../src/lib/secret.js';
import { sandbox } from './support.js';

/** What each fault is traced to, as the recordings of the same fault on real brokers are. */
const TRACED: Readonly<Record<string, string>> = {
  'undialable-address': 'clustering_listener_unreachable',
  'clustering-listener-stopped': 'clustering_listener_stopped',
  'any-address': 'clustering_listener_loopback_or_any',
  'dials-itself': 'clustering_address_of_another_node',
  'clustering-port-drop': 'clustering_port_filtered',
  'clustering-port-reset': 'clustering_port_filtered',
  'dist-port-drop': 'distribution_port_filtered',
  'drop-and-flood': 'clustering_port_filtered',
  'dist-links-drop': 'distribution_port_filtered',
  stopped: 'node_stopped',
  killed: 'node_stopped',
  frozen: 'frozen_node',
  'cookie-changed': 'cookie_differs',
  'cookie-before-join': 'cookie_differs',
  wiped: 'wiped_node_came_back',
  'wiped-and-joined': 'wiped_node_came_back',
  expelled: 'expelled_node_came_back',
};

/** What an operator who has the cookie sees from this machine. */
async function check(of: Sandbox, names: readonly string[] = [], sample = 50): Promise<CheckReport> {
  const connector = await openConnector({ apiKeyHeader: 'basic' });
  const seeds = of.nodes.map(({ httpUrl }) => httpUrl);
  const fleet = { ...connector, seeds, deadline: 3000, clock: systemClock };
  const erlang = { cookie: new Secret(of.cookie), epmdPort: of.epmdPort };
  const probes = machineProbes({ ...fleet, erlang, vmqAdmin: {} });
  const thresholds = {
    sample,
    takeovers: 1,
    queueGrowth: 1000,
    droppedBytes: 0,
    settle: 0,
    validity: 86_400_000,
    loginStorm: 60_000,
    bcryptPool: 1,
    bcryptCost: 12,
  };
  try {
    return await checkCluster({ fleet, probes, checks: selectChecks(names, []), thresholds });
  } finally {
    connector.close();
  }
}

const LINKS = ['views', 'ghosts', 'splits', 'partitions', 'data-channel', 'erlang-ports'];

it('there is an expectation for every fault', () => {
  expect(Object.keys(TRACED).sort()).toEqual(OUTAGES.map(({ name }) => name).sort());
});

describe('a fault of the sandbox', () => {
  it('is not there at first: all checks are ok', async () => {
    const { checks, causes } = await check(await sandbox());
    expect(causes).toEqual([]);
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  it.each(Object.entries(TRACED))(
    '%s is traced to %s, and is gone when it is cleared',
    async (fault, code) => {
      const simulated = await sandbox();
      await simulated.outages.set(fault, 'sim3');
      const ill = await check(simulated, LINKS);
      expect(ill.causes[0]?.code).toBe(code);
      expect(ill.causes[0]?.nodes).toContain('sim3@127.0.0.1');
      expect(ill.status).toBe('critical');
      expect(await simulated.outages.clear()).toEqual([{ fault, node: 'sim3@127.0.0.1' }]);
      expect(await check(simulated, LINKS)).toMatchObject({ status: 'ok', causes: [] });
    },
  );

  it('is told of the first member as of the last one', async () => {
    const simulated = await sandbox();
    await simulated.outages.set('wiped', 'sim1');
    expect((await check(simulated, LINKS)).causes[0]).toMatchObject({
      code: 'wiped_node_came_back',
      nodes: ['sim1@127.0.0.1', 'sim2@127.0.0.1', 'sim3@127.0.0.1'],
    });
  });

  it('that drops messages is seen by the check of what is dropped', async () => {
    const simulated = await sandbox();
    await simulated.outages.set('drop-and-flood', 'sim3');
    onTestFinished(async () => void (await simulated.outages.clear()));
    const { checks } = await check(simulated, ['bytes-dropped'], 500);
    expect(checks[0]).toMatchObject({ status: 'critical', nodes: ['sim1@127.0.0.1', 'sim2@127.0.0.1'] });
  });

  it('is one to a node, and is refused where there is no such fault or node', async () => {
    const { outages } = await sandbox();
    await outages.set('any-address', 'sim3@127.0.0.1');
    await expect(outages.set('killed', 'sim3')).rejects.toMatchObject({ kind: 'safety', code: 'fault_set' });
    await expect(outages.set('kiled', 'sim2')).rejects.toThrow(/did you mean killed/);
    await expect(outages.set('killed', 'sim9')).rejects.toMatchObject({ code: 'unknown_node' });
    expect(outages.active).toEqual([{ fault: 'any-address', node: 'sim3@127.0.0.1' }]);
    expect(await outages.clear('killed')).toEqual([]);
    expect(await outages.clear('any-address', 'sim3')).toHaveLength(1);
    expect(outages.active).toEqual([]);
  });
});
