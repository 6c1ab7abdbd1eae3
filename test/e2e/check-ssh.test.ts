import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../src/lib/sandbox/cluster.js';
import { vmqctl } from '../support/cli.js';
import { goldenFile } from '../support/golden.js';
import { type BrokerHost, brokerHost, recordedAnswers, said } from '../support/ssh-admin/host.js';
import { type Sshd, startSshd } from '../support/sshd.js';

let folder: string;
let sshd: Sshd;
let host: BrokerHost;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-check-ssh-'));
  const answers = recordedAnswers();
  // Over HTTP the same broker was asked what its vmq-admin was not.
  const rows = goldenFile('http-2.2.0.json') as { request: { path: string }; response?: { body: unknown } }[];
  const overHttp = (path: string) =>
    said(JSON.stringify(rows.find(({ request }) => request.path === `/api/v1/${path}`)?.response?.body));
  answers.set('plugin show --internal --format=json', overHttp('plugin/show?--internal'));
  answers.set('api-key show scope=all --format=json', overHttp('api-key/show?scope=all'));
  // The recording has this long text cut off; what was written without --format is whole.
  const metrics = answers.get('metrics show')?.stdout ?? '';
  answers.set('metrics show --format=json', said(JSON.stringify({ text: metrics, type: 'text' })));
  host = await brokerHost(answers);
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd.stop();
  await host.remove();
  await rm(folder, { recursive: true });
});

it('cluster check over SSH goes by what vmq-admin of a real broker says, and the rest is unknown', async () => {
  const { stdout, exitCode } = await vmqctl(
    ['cluster', 'check', '--node', sshd.url, '--vmq-admin', host.vmqAdmin, '--sample', '100ms', '--json'],
    { env: { HOME: sshd.home, VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder }, timeout: 60_000 },
  );
  const { checks } = JSON.parse(stdout);
  const named = (wanted: string) =>
    checks
      .filter(({ status }: { status: string }) => status === wanted)
      .map(({ name }: { name: string }) => name)
      .sort();
  expect(exitCode).toBe(0);
  expect(named('unknown')).toEqual([
    'erlang-ports',
    'health-endpoint',
    'kick-loops',
    'listeners',
    'wedged-sessions', // what this asks was not recorded
  ]);
  expect(named('ok')).toHaveLength(checks.length - 5);
  expect(stdout).not.toContain('goldenkey'); // an API key of that broker
});

it('cluster check tries the ports between nodes from their machines, where all of them are behind a bastion', async () => {
  const sandbox = await startSandbox({ nodes: 2, joined: true, apiMode: 'noauth' });
  onTestFinished(() => sandbox.close());
  const [one] = sandbox.nodes;
  const check = () =>
    vmqctl(
      [
        ...['cluster', 'check', '--node', `${one?.httpUrl}?via=${sshd.url}`, '--only', 'data-channel'],
        ...['--settle', '0s', '--json'],
      ],
      { env: { HOME: sshd.home, VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder }, timeout: 60_000 },
    );
  const well = await check();
  expect(JSON.parse(well.stdout).checks).toMatchObject([{ name: 'data-channel', status: 'ok' }]);
  await sandbox.outages.set('undialable-address', 'sim2');
  const ill = await check();
  expect(JSON.parse(ill.stdout).causes[0]).toMatchObject({
    code: 'clustering_listener_unreachable',
    nodes: ['sim2@127.0.0.1'],
    because: 'from the machine of sim1@127.0.0.1 it refuses connections',
  });
  expect(ill.exitCode).toBe(10);
});
