import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import { startRedis } from '../support/redis.js';

const PASSHASH = '$2a$10$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const LOT = 1000;
const FORMATS = ['json', 'csv', 'table'] as const;

export type ListFigures = Readonly<Record<(typeof FORMATS)[number], number>>;

/**
 * Lists so many records of a Redis of its own into nothing, as a whole process.
 *
 * @param binary what runs vmqctl
 * @returns records per second, start and end of the process included; the best of so many rounds
 */
export async function measureList(count: number, rounds: number, binary: string): Promise<ListFigures> {
  const server = await startRedis();
  try {
    await fill(server.url, count);
    const best = (format: string) =>
      Math.min(...Array.from({ length: rounds }, () => listOnce(server.url, format, binary)));
    const [json, csv, table] = FORMATS.map((format) => count / (best(format) / 1000));
    return { json: json ?? 0, csv: csv ?? 0, table: table ?? 0 };
  } finally {
    await server.stop();
  }
}

async function fill(url: string, count: number): Promise<void> {
  const redis = await connectRedis({ url, deadline: 60_000 });
  for (let from = 0; from < count; from += LOT) {
    const lot = Array.from({ length: Math.min(LOT, count - from) }, (_, at) => record(from + at));
    await redis.call('MSET', ...lot.flat());
  }
  redis.close();
}

/** One in three has a list of its own. */
function record(number: number): [key: string, text: string] {
  const id = `device-${String(number).padStart(8, '0')}`;
  const publish_acl = [{ pattern: number % 3 === 0 ? `dev/${id}/#` : 'dev/%c/#' }];
  const subscribe_acl = [{ pattern: 'cmd/%c/+', max_qos: 1 }];
  return [
    JSON.stringify(['', id, `user${number % 5000}`]),
    JSON.stringify({ passhash: PASSHASH, subscribe_acl, publish_acl }),
  ];
}

/** @returns milliseconds */
function listOnce(url: string, format: string, binary: string): number {
  const out = openSync('/dev/null', 'w');
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [binary, 'acl', 'list', '--format', format], {
    env: { ...process.env, VMQCTL_REDIS: url },
    stdio: ['ignore', out, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(out);
  if (status !== 0) throw new Error(`acl list ended with ${status}: ${stderr}`);
  return performance.now() - started;
}
