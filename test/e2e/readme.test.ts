import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import { vmqctl } from '../support/cli.js';
import { type Epmd, type ErlangNodeProcess, startEpmd, startErlangNode } from '../support/erlang-node.js';
import { freePorts } from '../support/ports.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { type BrokerHost, brokerHost, recordedAnswers } from '../support/ssh-admin/host.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** What stands after a `$` in a console block, block by block. */
const blocks = [...readme.matchAll(/```console\n(.*?)```/gs)].map(([, block = '']) =>
  block
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2)),
);
/** The right-hand column of the table of `vmq-admin` lines. */
const tableLines = [...readme.matchAll(/^\|[^|\n]+\|(.*)\|$/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`(vmqctl [^`]+)`/g)].map(([, line = '']) => line),
);

/** The description of a cluster that `conf render` takes. */
const [, description = ''] = /```yaml\n(cookie: .*?)```/s.exec(readme) ?? [];

/** Lines that are no command of vmqctl, and where they are tested. */
const TESTED_ELSEWHERE = [
  'vmqctl cluster leave node=VerneMQ@172.16.16.13 --staged', // staged-leave.test.ts, as the next two
  'vmqctl cluster leave node=VerneMQ@172.16.16.13 --resume',
  'vmqctl cluster leave node=VerneMQ@172.16.16.13 --abort',
  'vmqctl acl import', // acl-files.test.ts, as the next one: they need files
  'vmqctl acl export',
  'vmqctl acl plan', // acl-apply.test.ts, as the next one, likewise
  'vmqctl acl apply',
  'vmqctl acl test policy', // acl-decide.test.ts, with the file that the README shows
  'vmqctl cluster show --watch', // watch.test.ts: it runs until q or Ctrl-C
  "vmqctl cluster ports --node 'http://127.0.0.1", // ports.test.ts: the sandbox has no clustering ports
  'vmqctl session explain', // session-explain.test.ts: here the client is not connected
  'npm install -g vmqctl', // package.test.ts
  'vmqctl trace client', // erlang.test.ts: it runs until Ctrl-C
  'vmqctl cluster roll --yes', // roll.test.ts: it restarts nodes
  'vmqctl conf lint --context', // conf.test.ts, as the next one: nor has it a vernemq.conf there
  'vmqctl conf lint --node',
  'vmqctl cluster check', // check.test.ts: of healthy and of sick clusters, with their exit codes
  'vmqctl logs', // logs.test.ts: this machine has no log where hosts of brokers have it
  'vmqctl cluster leave node=VerneMQ@172.16.16.13 -k --logs', // ssh.test.ts, likewise
];

let folder: string;
let redis: RedisServer;
let production: Sandbox | undefined;
let basePort: number;
let epmd: Epmd;
/** What erl:// reaches: .12, and .14 which is to join it. */
let erlang: readonly ErlangNodeProcess[];
/** What ssh:// reaches: a host with a vmq-admin in its PATH. */
let sshd: Sshd;
let host: BrokerHost;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-readme-'));
  await writeFile(join(folder, 'api-key'), 'not-needed-by-this-sandbox\n', { mode: 0o600 });
  await writeFile(join(folder, 'cookie'), 'readme\n', { mode: 0o400 });
  await writeFile(
    join(folder, 'cluster.yaml'),
    description.replace('/etc/vmqctl/cookie', join(folder, 'cookie')),
  );
  redis = await startRedis();
  epmd = await startEpmd();
  const member = ['-eval', 'application:set_env(vmq_test, members, connected).'];
  const options = { epmd, cookie: 'readme', arguments: member };
  erlang = await Promise.all(['VerneMQ12', 'VerneMQ14'].map((name) => startErlangNode({ ...options, name })));
  host = await brokerHost(recordedAnswers());
  sshd = await startSshd({ config: [`SetEnv HOME=${folder} PATH=${host.folder}:${process.env.PATH}`] });
  basePort = await freePorts(30);
});
afterEach(async () => {
  await production?.close();
  production = undefined;
});
afterAll(async () => {
  await run('vmqctl sandbox down');
  await redis.stop();
  await Promise.all(erlang.map((node) => node.kill()));
  await epmd.stop();
  await sshd.stop();
  await host.remove();
  await rm(folder, { recursive: true });
});

/** The cluster that the README speaks of: .12 and .13 are its members, .14 and .15 are still alone. */
async function startProduction(): Promise<void> {
  production = await startSandbox({
    nodes: 4,
    joined: false,
    apiMode: 'noauth',
    timings: { gossip: 100, stopAfterLeave: 100 },
  });
  const [one, two] = production.nodes;
  await fetch(`${two?.httpUrl}/api/v1/cluster/join?discovery-node=${one?.name}`);
}

/** The same line, for the simulated cluster instead of the addresses of the text. */
function here(line: string): string {
  const [one, two, three, four] = production?.nodes ?? [];
  const [twelve, fourteen] = erlang;
  const overErlang: [string, string | undefined][] = [
    ['VerneMQ@172.16.16.12', twelve?.name],
    ['VerneMQ@172.16.16.14', fourteen?.name],
  ];
  const replacements: [string, string | undefined][] = [
    ...(line.includes('erl://') ? overErlang : []),
    ['ssh://ops@172.16.16.12', sshd.url],
    ['http://127.0.0.1:8888', one?.httpUrl],
    ['/etc/vmqctl/cookie', join(folder, 'cookie')],
    ['VerneMQ@172.16.16.12', one?.name],
    ['VerneMQ@172.16.16.13', two?.name],
    ['http://172.16.16.12:8888', one?.httpUrl],
    ['http://172.16.16.14:8888', three?.httpUrl],
    ['http://172.16.16.15:8888', four?.httpUrl],
    ['redis://172.16.16.20:6379', redis.url],
    [' cluster.yaml', ` ${join(folder, 'cluster.yaml')}`],
    ['--out nodes', `--out ${join(folder, 'nodes')}`],
    [' nodes/', ` ${join(folder, 'nodes')}/`],
    ['/etc/vmqctl/api-key', join(folder, 'api-key')],
    ['http://127.0.0.1:18880', `http://127.0.0.1:${basePort}`],
    ['http://127.0.0.1:18890', `http://127.0.0.1:${basePort + 10}`],
    ['http://127.0.0.1:18900', `http://127.0.0.1:${basePort + 20}`],
    ['--base-port 18880', `--base-port ${basePort}`],
  ];
  return replacements.reduce(
    (text, [from, to]) => (to === undefined ? text : text.replaceAll(from, to)),
    line,
  );
}

/** Splits a line as a shell does; single quotes are all that the README uses. */
const words = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

function run(line: string) {
  const env = {
    HOME: sshd.home,
    VMQCTL_STATE_DIR: folder,
    VMQCTL_CONFIG_DIR: folder,
    DEVICE_PASSWORD: 'device-secret',
    REDIS_PASSWORD: 'redis-secret',
    ERL_EPMD_PORT: String(epmd.port),
  };
  return vmqctl(words(here(line)).slice(1), { env, timeout: 60_000 });
}

async function expectToWork(line: string): Promise<void> {
  const { exitCode, stderr } = await run(line);
  expect({ line, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ line, exitCode: 0, stderr: '' });
}

describe('every command line of the README', () => {
  it('is found', () => {
    expect(blocks.flat().length).toBeGreaterThan(25);
    expect(tableLines.length).toBeGreaterThan(6);
  });

  it('works as it stands, one after the other', { timeout: 120_000 }, async () => {
    for (const line of blocks.flat()) {
      if (TESTED_ELSEWHERE.some((start) => line.startsWith(start))) continue;
      if (line.startsWith('vmqctl context add prod')) await startProduction();
      await expectToWork(line);
    }
  });

  it.each(tableLines)('of the table works on a cluster of its own: %s', { timeout: 60_000 }, async (line) => {
    await startProduction();
    await expectToWork(
      'vmqctl context add prod --replace --use --node http://172.16.16.12:8888 --redis redis://172.16.16.20:6379',
    );
    await expectToWork(line);
  });
});
