import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';

const LOCKS = 300;
const PROCESSES = 8;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-locks-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Takes what it can get of all locks, says which, and holds them until its input ends. */
const TAKER = `
import { acquireLock } from ${JSON.stringify(fileURLToPath(new URL('../../../../src/lib/cluster/operations/lock.ts', import.meta.url)))};
const [folder, count] = process.argv.slice(2);
const taken = [];
process.stdin.once('data', async () => {
  for (let key = 0; key < Number(count); key += 1)
    await acquireLock(folder, String(key), 'test').then(
      () => taken.push(key),
      (thrown) => { if (thrown.code !== 'locked') taken.push(String(thrown)); },
    );
  console.log(JSON.stringify(taken));
  process.stdin.once('end', () => process.exit());
});
console.log('ready');
`;

async function startTaker(script: string) {
  const child = spawn(process.execPath, [script, folder, String(LOCKS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ready = once(child.stdout, 'data');
  await ready;
  return child;
}

it('locks that a dead process has left behind each go to one of many processes', async () => {
  const script = join(folder, 'taker.mjs');
  await build({
    stdin: { contents: TAKER, resolveDir: folder },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const dead = spawn('true');
  await once(dead, 'exit');
  await mkdir(join(folder, 'locks'));
  const left = JSON.stringify({ pid: dead.pid, host: hostname(), what: 'x' });
  for (let key = 0; key < LOCKS; key += 1) await writeFile(join(folder, 'locks', `${key}.json`), left);

  const takers = await Promise.all(Array.from({ length: PROCESSES }, () => startTaker(script)));
  for (const { stdin } of takers) stdin.write('go\n');
  const said = await Promise.all(takers.map(({ stdout }) => once(stdout, 'data')));
  const taken = said.flatMap(([line]): unknown[] => JSON.parse(String(line)));
  const ends = takers.map((child) => once(child, 'exit'));
  for (const { stdin } of takers) stdin.end();
  await Promise.all(ends);
  expect(taken.sort((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: LOCKS }, (_, key) => key),
  );
}, 30_000);
