// Prints how long whole commands take, as ratios to a bare `node -e 0` in the same run, what the Erlang and SSH clients do, and how fast ACLs are decided and listed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportImport } from './bench/import.js';
import { ensureNode, ensurePackages, ensureSystem, root, run, TEST_SYSTEM } from './setup.js';

const ROUNDS = Number(process.env.VMQCTL_BENCH_ROUNDS ?? 40);
/** Of what takes longer. */
const SEVERAL = Math.min(ROUNDS, 5);
/** How many nodes are asked at once. */
const MANY = Number(process.env.VMQCTL_BENCH_NODES ?? 50);
/** How many records are listed. */
const RECORDS = Number(process.env.VMQCTL_BENCH_RECORDS ?? 1_000_000);
/** Half-way between noise and hope: the fastest tenth is what the program costs when nothing else is in the way. */
const QUANTILE = 0.1;

ensureNode();
ensurePackages();
ensureSystem(TEST_SYSTEM);
if (!process.env.VMQCTL_BUILT) run(process.execPath, ['scripts/build.js']);

const { importTypeScript } = await import('./bundle.js');
const { startEpmd, startErlangNode } = await importTypeScript('test/support/erlang-node.ts');
const { startRedis } = await importTypeScript('test/support/redis.ts');
const { startSshd } = await importTypeScript('test/support/sshd.ts');
const { measureSsh } = await importTypeScript('test/bench/ssh.ts');
const { measureDecisions } = await importTypeScript('test/bench/acl.ts');
const { measureList } = await importTypeScript('test/bench/acl-list.ts');
const { askAll, callsPerSecond, decodeTimes } = await importTypeScript('test/bench/erlang.ts');

const cookie = `bench-${process.pid}`;
const state = mkdtempSync(join(tmpdir(), 'vmqctl-bench-'));
const vmqctl = join(root, 'bin/run.js');
const epmd = await startEpmd();
// Any program in Node would read these at its start, which takes longer than the start itself: it is none of vmqctl's time.
const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
const environment = {
  ...inherited,
  VMQCTL_STATE_DIR: state,
  VMQCTL_CONFIG_DIR: state,
  VMQCTL_COOKIE: cookie,
  ERL_EPMD_PORT: String(epmd.port),
  NO_COLOR: '1',
};
const erlangNodes = [];

try {
  const { nodes } = JSON.parse(once([vmqctl, 'sandbox', 'up', '--nodes', '3', '--joined', '--json']).stdout);
  const http = nodes[0].httpUrl;
  const erlang = `erl://${(await startErlangCluster(3))[0].name}`;
  report('node -e 0', {
    'node -e 0': ['-e', '0'],
    'vmqctl --version': [vmqctl, '--version'],
    'cluster show, http': [vmqctl, 'cluster', 'show', '--node', http],
    'cluster show --json, http': [vmqctl, 'cluster', 'show', '--node', http, '--json'],
    'cluster show, erl': [vmqctl, 'cluster', 'show', '--node', erlang],
    'cluster show --json, erl': [vmqctl, 'cluster', 'show', '--node', erlang, '--json'],
  });
  await reportClient(erlangNodes);
  await reportSsh();
  await reportDecisions();
  await reportList();
  await reportImports();
  await stopErlangNodes();
  await reportMany();
} finally {
  await stopErlangNodes();
  await epmd.stop();
  once([vmqctl, 'sandbox', 'down']);
  rmSync(state, { recursive: true, force: true });
}

/** Nodes that are members of one cluster. */
async function startErlangCluster(count) {
  for (let number = 1; number <= count; number += 1) {
    const connect = erlangNodes.map((known) => `pong = net_adm:ping('${known.name}').`);
    erlangNodes.push(await startMember(`VerneMQ${number}`, connect));
  }
  return erlangNodes;
}

/** @param evaluate Erlang expressions for the start */
function startMember(name, evaluate = []) {
  const expressions = ['application:set_env(vmq_test, members, connected).', ...evaluate];
  const evaluated = expressions.flatMap((expression) => ['-eval', expression]);
  return startErlangNode({ epmd, cookie, name, arguments: ['+S', '1:1', ...evaluated] });
}

async function stopErlangNodes() {
  await Promise.all(erlangNodes.splice(0).map((node) => node.kill()));
}

async function reportClient([peer]) {
  const rate = await callsPerSecond(peer, cookie, SEVERAL);
  print(`\ncalls to one node, pipelined         ${Math.round(rate)} /s`);
  for (const [what, time] of Object.entries(await decodeTimes(SEVERAL)))
    print(`list of 200 000 ${what.padEnd(28)} decoded in ${time.toFixed(1)} ms`);
}

async function reportSsh() {
  const sshd = await startSshd();
  try {
    const { sequential, parallel, tunnel, binary } = await measureSsh(sshd, SEVERAL);
    const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB/s`;
    print(
      `\ncommands over one SSH connection      ${Math.round(sequential)} /s in turn, ${Math.round(parallel)} /s at once`,
    );
    print(
      `through its tunnel                    ${megabytes(tunnel)}, ${(tunnel / binary).toFixed(2)} x ssh -W (${megabytes(binary)})`,
    );
  } finally {
    await sshd.stop();
  }
}

async function reportDecisions() {
  const { fromRecord, again, loggedIn } = await measureDecisions(SEVERAL);
  print(
    `ACL decisions                        ${Math.round(loggedIn)} /s of a client, ${Math.round(again)} /s of a known record, ${Math.round(fromRecord)} /s from its text on`,
  );
}

async function reportList() {
  const { json, csv, table } = await measureList(RECORDS, Math.ceil(SEVERAL / 3), vmqctl);
  const rates = Object.entries({ json, csv, table }).map(([name, rate]) => `${Math.round(rate)} /s ${name}`);
  print(`acl list of ${RECORDS} records`.padEnd(37) + rates.join(', '));
}

async function reportImports() {
  const redis = await startRedis();
  try {
    await reportImport({ redis, folder: state, vmqctl, environment, rounds: SEVERAL, print });
  } finally {
    await redis.stop();
  }
}

/** The same questions to one node and to many, each alone. */
async function reportMany() {
  const peers = await startErlangCluster(MANY);
  const [one, many] = [
    await askAll(peers.slice(0, 1), cookie, SEVERAL),
    await askAll(peers, cookie, SEVERAL),
  ];
  print(
    `\nconnect and ask, in one process: 1 node ${one.toFixed(1)} ms, ${MANY} nodes ${many.toFixed(1)} ms`,
  );
  const show = (seeds) => [
    vmqctl,
    'cluster',
    'show',
    '--node',
    seeds.map((peer) => `erl://${peer.name}`).join(),
  ];
  const alone = await startMember('Alone');
  try {
    report('cluster show of 1 node', {
      'cluster show of 1 node': show([alone]),
      [`cluster show of ${MANY} nodes`]: show([peers[0]]),
    });
  } finally {
    await alone.kill();
  }
}

/** The cases take turns, so that a busy moment of the machine hits all of them alike. */
function report(base, cases) {
  const names = Object.keys(cases);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) times[name].push(once(cases[name]).milliseconds);
  }
  print(`\n${ROUNDS} rounds, whole processes; ratio of the fastest tenth and of the medians to ${base}\n`);
  for (const name of names) {
    const [low, median] = [QUANTILE, 0.5].map((at) => quantile(times[name], at));
    const ratios = [QUANTILE, 0.5].map((at) =>
      (quantile(times[name], at) / quantile(times[base], at)).toFixed(2),
    );
    print(
      `${name.padEnd(28)} ${low.toFixed(1).padStart(7)} ms ${median.toFixed(1).padStart(7)} ms   ${ratios[0]} x  ${ratios[1]} x`,
    );
  }
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function once(args) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: environment,
    encoding: 'utf8',
  });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { stdout, milliseconds };
}

function quantile(values, at) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(at * (sorted.length - 1))];
}
