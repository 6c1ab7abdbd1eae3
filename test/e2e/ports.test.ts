import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import { type CliResult, vmqctl } from '../support/cli.js';
import { decodeEpmdRequest, encodePortAnswer } from '../support/erlang/epmd-messages.js';
import { type Peer, startPeer } from '../support/peers.js';
import { freePort } from '../support/ports.js';
import { type Sshd, startSshd } from '../support/sshd.js';

let sshd: Sshd;
let epmd: Peer;
let distribution: Peer;
let clustering: Peer;
beforeAll(async () => {
  sshd = await startSshd();
  clustering = await startPeer();
  distribution = await startPeer();
  epmd = await startPeer((socket) =>
    socket.on('data', (bytes) => {
      const request = decodeEpmdRequest(bytes);
      const name = request.kind === 'port_please' ? request.name : '';
      const registration = {
        port: distribution.port,
        nodeType: 77,
        protocol: 0,
        highestVersion: 6,
        lowestVersion: 5,
        name,
        extra: Buffer.alloc(0),
      };
      socket.end(encodePortAnswer(name.startsWith('sim') ? registration : undefined));
    }),
  );
});
afterAll(async () => {
  await Promise.all([sshd.stop(), epmd.stop(), distribution.stop(), clustering.stop()]);
});

let sandbox: Sandbox;
let one: SandboxNode;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-ports-'));
  sandbox = await startSandbox({ nodes: 2, joined: true, apiMode: 'noauth' });
  const [first] = sandbox.nodes;
  if (!first) throw new Error('the sandbox has no nodes');
  one = first;
});
afterEach(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

function run(...args: string[]): Promise<CliResult> {
  const env = { HOME: sshd.home, VMQCTL_CONFIG_DIR: folder, ERL_EPMD_PORT: String(epmd.port) };
  return vmqctl(['cluster', 'ports', '--deadline', '2s', ...args], { env, timeout: 60_000 });
}

interface Row {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly port: number;
  readonly state: string;
}

describe('cluster ports', () => {
  it('tries all ports from here, and says that the nodes were not tried', async () => {
    const { stdout, exitCode } = await run('--node', one.httpUrl, '--json');
    const { attempts, problems, origins } = JSON.parse(stdout);
    expect(origins).toEqual([{ from: 'here', method: null, error: null }]);
    const of = (kind: string) => attempts.filter((row: Row) => row.kind === kind);
    for (const kind of ['epmd', 'distribution', 'mqtt', 'http'])
      expect(of(kind).map(({ from, to, state }: Row) => `${from} ${to} ${state}`)).toEqual([
        `here ${one.name} open`,
        'here sim2@127.0.0.1 open',
      ]);
    expect(problems.map(({ code }: { code: string }) => code)).toContain('no_ssh');
    expect(exitCode).toBe(0);
    const { stdout: table } = await run('--node', one.httpUrl);
    expect(table).toContain('the ports between the nodes were not tried');
    expect(table).not.toContain('was found closed');
  });

  it('tries them over SSH from each node to each other, as a matrix', async () => {
    const { stdout, exitCode } = await run('--node', `${one.httpUrl}?via=${sshd.url}`);
    expect(stdout).toMatch(/│ From +│ Port +│ sim1@127\.0\.0\.1 +│ sim2@127\.0\.0\.1 +│/);
    expect(stdout).toMatch(
      new RegExp(`sim1@127\\.0\\.0\\.1 \\(bash\\) │ distribution │ - +│ ${distribution.port} open`),
    );
    expect(stdout).toMatch(new RegExp(`sim2@127\\.0\\.0\\.1 \\(bash\\) │ epmd +│ ${epmd.port} open`));
    expect(stdout).not.toContain('nothing was tried');
    expect(stdout).toContain('no port that the nodes need of each other was found closed');
    expect(exitCode).toBe(0);
  });

  it('finds the port that one node cannot reach of another', async () => {
    await sandbox.outages.set('undialable-address', 'sim1');
    const { stdout, exitCode } = await run('--node', `${one.httpUrl}?via=${sshd.url}`);
    expect(stdout).toMatch(
      /error: the clustering listener of sim1@127\.0\.0\.1 .* from sim2@127\.0\.0\.1: refused/,
    );
    expect(exitCode).toBe(10);
  });

  it('exits 69 when no node answers', async () => {
    const { exitCode } = await run('--node', `http://127.0.0.1:${await freePort()}`);
    expect(exitCode).toBe(69);
  });
});
