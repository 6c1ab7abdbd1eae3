import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, vmqctl } from '../support/cli.js';
import { type RedisServer, startRedis } from '../support/redis.js';

/** How often an import is killed: VMQCTL_KILLS=50 npx vitest run test/integration/acl-kill.test.ts */
const KILLS = Number(process.env.VMQCTL_KILLS ?? 4);
/** So many at a time, each in a database of its own. */
const AT_ONCE = 10;
const ROWS = 4800;
const RECORDS = 4000;
const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const HEADER = 'client_id,username,passhash,publish_acl';
const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

/**
 * Some rows are bad, and some records come again with something else. The bad ones stand together: most pages of the input
 * have none, and go to Redis as they are packed.
 */
const rows = Array.from({ length: ROWS }, (_, index) =>
  index % 800 < 4
    ? `bad ${index}`
    : {
        client_id: `client-${index % RECORDS}`,
        username: 'u',
        passhash: HASH,
        // Long ones: there are many pages for the journal, and little work for the machine.
        publish_acl: `row/${index}/${'x'.repeat(900)}`,
      },
);
const BAD = rows.filter((row) => typeof row === 'string');

/** The same rows in each format, and what is kept of those that fail. */
const FORMATS = [
  {
    name: 'ndjson',
    heading: '',
    draw: (row: object) => JSON.stringify({ ...row, publish_acl: ['publish_acl' in row && row.publish_acl] }),
    kept: BAD,
  },
  {
    name: 'csv',
    heading: HEADER,
    draw: (row: object) => Object.values(row).join(','),
    kept: [HEADER, ...BAD],
  },
  {
    name: 'yaml',
    heading: '---',
    draw: (row: object) =>
      `- ${Object.entries(row)
        .map(([field, value]) => `${field}: ${field.endsWith('_acl') ? `[${value}]` : value}`)
        .join('\n  ')}`,
    kept: [],
  },
] as const;
const formatOf = (database: number) => FORMATS[database % FORMATS.length] ?? FORMATS[0];

let redis: RedisServer;
let folder: string;
beforeAll(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-kill-'));
  for (const { name, heading, draw } of FORMATS) {
    const lines = rows.map((row) => (typeof row === 'string' ? row : draw(row)));
    await writeFile(join(folder, `users.${name}`), [...(heading ? [heading] : []), ...lines, ''].join('\n'));
  }
});
afterAll(async () => {
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

const urlOf = (database: number) => `redis://127.0.0.1:${redis.port}/${database}`;
const environment = { VMQCTL_CONFIG_DIR: '/nowhere', PATH: process.env.PATH ?? '' };
const argumentsOf = (database: number, ...more: readonly string[]) => [
  'acl',
  'import',
  join(folder, `users.${formatOf(database).name}`),
  '--redis',
  urlOf(database),
  '--rejects',
  join(folder, `rejects-${database}`),
  ...more,
];
const stateOf = (database: number) => join(folder, `state-${database}`);
const run = (database: number, ...more: readonly string[]): Promise<CliResult> =>
  vmqctl(argumentsOf(database, ...more), {
    env: { ...environment, VMQCTL_STATE_DIR: stateOf(database) },
    timeout: 120_000,
  });

/** One text for all that there is. */
async function digest(database: number): Promise<string> {
  const client = new Redis(urlOf(database));
  const keys = (await client.keys('*')).sort();
  const values = await client.mget(keys);
  client.disconnect();
  const hash = createHash('sha256');
  for (const [index, key] of keys.entries()) hash.update(`${key}\0${values[index]}\0`);
  return `${keys.length} ${hash.digest('hex')}`;
}

/** Starts an import, and kills it once so many keys are there. */
async function killed(database: number, keys: number): Promise<void> {
  const child = spawn(process.execPath, [BINARY, ...argumentsOf(database)], {
    env: { ...environment, VMQCTL_STATE_DIR: stateOf(database) },
    stdio: 'ignore',
  });
  let hasEnded = false;
  const ended = once(child, 'exit').then(() => {
    hasEnded = true;
  });
  const client = new Redis(urlOf(database));
  while (!hasEnded && (await client.dbsize()) < keys)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  child.kill('SIGKILL');
  await ended;
  client.disconnect();
}

/** Holds writes up time and again, so that the journal has come some way before the file is at its end. */
function slowedDown(): () => Promise<void> {
  const client = new Redis(urlOf(0));
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      await client.client('PAUSE', 900, 'WRITE');
      await client.set('pace', ''); // comes back when the pause is over
    }
    await client.del('pace');
    client.disconnect();
  })();
  return async () => {
    isOver = true;
    await work;
  };
}

/** Where the journal would have an import go on, in bytes; undefined without one. */
async function noted(database: number): Promise<number | undefined> {
  const path = join(stateOf(database), 'imports');
  const [name] = await readdir(path).then(
    (names) => names.filter((one) => one.endsWith('.json')),
    () => [],
  );
  if (name === undefined) return undefined;
  return JSON.parse(await readFile(join(path, name), 'utf8')).checkpoint.settled.from.bytes;
}

/** Goes on, or begins again where it had noted nothing or had come to its end. */
async function finished(database: number): Promise<CliResult> {
  const resumed = await run(database, '--resume');
  if (resumed.exitCode !== 64) return resumed;
  await rm(join(folder, `rejects-${database}`), { force: true });
  return await run(database);
}

describe('an import that kill -9 ends at a random moment', () => {
  it('ends with --resume like one that was never interrupted', async () => {
    expect((await run(0)).exitCode).toBe(65);
    const expected = await digest(0);
    expect(expected).toMatch(new RegExp(`^${RECORDS - RECORDS / 200} `));
    const places: (number | undefined)[] = [];
    for (let done = 0; done < KILLS; done += AT_ONCE) {
      const databases = Array.from({ length: Math.min(AT_ONCE, KILLS - done) }, (_, index) => index + 1);
      await Promise.all(databases.map((database) => flush(database)));
      const goOn = slowedDown();
      // The first of each lot comes far enough for its journal to have moved.
      const moments = databases.map((_, index) => (index === 0 ? 1 - Math.random() / 10 : Math.random()));
      await Promise.all(
        databases.map((database, index) => killed(database, Math.floor((moments[index] ?? 0) * RECORDS))),
      );
      await goOn();
      places.push(...(await Promise.all(databases.map(noted))));
      const half = Math.ceil(databases.length / 2);
      await Promise.all([databases.slice(0, half), databases.slice(half)].map(isFinishedAlike));
    }
    async function isFinishedAlike(databases: readonly number[]) {
      for (const database of databases) {
        const { exitCode, stderr } = await finished(database);
        expect(exitCode, stderr).toBe(65);
        expect(await digest(database)).toBe(expected);
        const rejects = await readFile(join(folder, `rejects-${database}`), 'utf8');
        expect(rejects).toBe(
          formatOf(database)
            .kept.map((line) => `${line}\n`)
            .join(''),
        );
      }
    }
    if (process.env.VMQCTL_KILLS) console.log(`killed ${KILLS} times; journals at ${places.join(', ')}`);
  }, 600_000);
});

async function flush(database: number): Promise<void> {
  const client = new Redis(urlOf(database));
  await client.flushdb();
  client.disconnect();
  for (const path of [stateOf(database), join(folder, `rejects-${database}`)])
    await rm(path, { recursive: true, force: true });
}
