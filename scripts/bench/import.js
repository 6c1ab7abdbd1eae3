// How long an import takes, beside the tools that can do no more than a part of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { root } from '../setup.js';
import { writePasswords, writeRecords } from './import-files.js';

/** Rows of an import; for its memory ten times as many, too. */
const ROWS = Number(process.env.VMQCTL_BENCH_ROWS ?? 300_000);
const PASSWORDS = Number(process.env.VMQCTL_BENCH_PASSWORDS ?? 200);
const COST = 10;

/** Makes a process say at its end how much memory it had at most, in KiB: threads and all. */
const TELL_MEMORY =
  "process.on('exit', () => process.getBuiltinModule('node:fs').writeSync(3, String(process.resourceUsage().maxRSS)))";
const HASH = `const { hash } = require('@node-rs/bcrypt');
  Promise.all(Array.from({ length: Number(process.argv[1]) }, (_, at) => hash('p-' + at, { cost: ${COST}, version: '2a' })));`;

/**
 * @param redis an empty one of the bench's own
 * @param folder for files, removed by the caller
 */
export async function reportImport({ redis, folder, vmqctl, environment, rounds, print }) {
  const run = (command, args, options) =>
    ended(spawn(command, args, { env: environment, cwd: root, ...options }));
  const empty = () => run('redis-cli', ['-p', String(redis.port), 'flushall'], { stdio: 'ignore' });
  const importOf = async (file, options = []) => {
    await empty();
    const args = [vmqctl, 'acl', 'import', file, '--redis', redis.url, ...options];
    return await run(process.execPath, args, { stdio: 'ignore' });
  };
  const pipeOf = async (file) => {
    await empty();
    const input = openSync(file);
    try {
      return await run('redis-cli', ['-p', String(redis.port), '--pipe'], {
        stdio: [input, 'ignore', 'ignore'],
      });
    } finally {
      closeSync(input);
    }
  };
  const memoryOf = async (file) => {
    await empty();
    const hook = `data:text/javascript,${encodeURIComponent(TELL_MEMORY)}`;
    const args = ['--import', hook, vmqctl, 'acl', 'import', file, '--redis', redis.url];
    const child = spawn(process.execPath, args, {
      env: environment,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    let told = '';
    child.stdio[3].on('data', (text) => (told += text));
    await ended(child);
    return Number(told) * 1024;
  };

  const few = await writeRecords(folder, ROWS);
  const [imported, piped] = await inTurn(rounds, [() => importOf(few.rows), () => pipeOf(few.protocol)]);
  print(
    `\nimport of ${ROWS} ready records      ${imported.toFixed(2)} s, ${(imported / piped).toFixed(2)} x redis-cli --pipe (${piped.toFixed(2)} s)`,
  );
  const many = await writeRecords(folder, 10 * ROWS);
  const [memory, memoryOfMany] = [await memoryOf(few.rows), await memoryOf(many.rows)];
  print(
    `its memory                            ${megabytes(memory)}, of ten times as many ${megabytes(memoryOfMany)}, ${(memoryOfMany / memory).toFixed(2)} x`,
  );
  const [passwords, one] = [await writePasswords(folder, PASSWORDS), await writePasswords(folder, 1)];
  const cost = ['--cost', String(COST)];
  const times = await inTurn(Math.min(rounds, 3), [
    () => importOf(passwords, cost),
    () => importOf(one, cost),
    () => run(process.execPath, ['-e', HASH, String(PASSWORDS)], { stdio: 'ignore' }),
    () => run(process.execPath, ['-e', HASH, '1'], { stdio: 'ignore' }),
  ]);
  // Starting up is no hashing.
  const [ours, theirs] = [times[0] - times[1], times[2] - times[3]].map((time) => (PASSWORDS - 1) / time);
  print(
    `passwords hashed, cost ${COST}             ${ours.toFixed(1)} /s, ${((100 * ours) / theirs).toFixed(0)} % of the bcrypt library (${theirs.toFixed(1)} /s)`,
  );
}

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

/** The medians of cases that take turns, so that a busy moment of the machine hits all of them alike. */
async function inTurn(rounds, cases) {
  const times = cases.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [at, one] of cases.entries()) times[at].push(await one());
  return times.map((all) => all.sort((first, second) => first - second)[Math.floor((all.length - 1) / 2)]);
}

/** @returns the seconds that it took */
async function ended(child) {
  const started = performance.now();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
  return (performance.now() - started) / 1000;
}
