import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { stageFile } from '../../atomic-file.js';
import { type RedisAddress, readRedisUrl } from '../../context/redis-url.js';
import { Failure } from '../../failure.js';
import { parseRecordKey } from '../key.js';
import type { Change } from './change.js';

/** Changes for one Redis. */
export interface Plan {
  /** Its URL, without a password. */
  readonly redis: string;
  readonly changes: readonly Change[];
}

const SCHEMA = 'vmqctl.acl-plan-file/1';
/** What every plan begins with, of whatever version, and no row of records does. */
const BEGINNING = '{"schema":"vmqctl.acl-plan-file/';

const headerSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  redis: z.string().refine((url) => URL.canParse(url)),
  changes: z.int().min(0),
  digest: z.string(),
});
const changeSchema = z
  .strictObject({
    key: z.string().refine((key) => parseRecordKey(key) !== undefined),
    found: z.string().nullable(),
    write: z.string().nullable(),
  })
  .refine(({ found, write }) => found !== write);

/** A line that says what it is, with the digest of all that follows, then a line for each change. */
export function formatPlan({ redis, changes }: Plan): string {
  const lines = changes.map(({ key, found, write }) => `${JSON.stringify({ key, found, write })}\n`).join('');
  const digest = digestOf(redis, lines);
  return `${JSON.stringify({ schema: SCHEMA, redis, changes: changes.length, digest })}\n${lines}`;
}

export const digestOf = (redis: string, lines: string): string =>
  createHash('sha256').update(`${redis}\n${lines}`).digest('hex');

/**
 * Writes a plan so that only its owner can read it. It has passhashes in it.
 *
 * @throws Failure: safety where something else is in its place, configuration when it cannot be written
 */
export async function writePlan(path: string, plan: Plan): Promise<void> {
  await assertReplaceable(path);
  await (await stageFile(path, formatPlan(plan))).replace();
}

/** Nothing but a plan is replaced: neither a terminal, nor the desired records. */
async function assertReplaceable(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return;
  if (!stats.isFile())
    throw new Failure('safety', 'no_place_for_plan', `${path} is no file, and a plan has passhashes in it`, {
      hint: 'Name a file with --out.',
    });
  if (!(await isPlanFile(path)))
    throw new Failure('safety', 'no_place_for_plan', `there is a file ${path} already, and it is no plan`, {
      hint: 'Name another one with --out, or move it away.',
    });
}

/** Whether a file is a plan, by its beginning; false for a folder. @throws Failure (configuration) */
export async function isPlanFile(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      if (!(await file.stat()).isFile()) return false;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING.length), 0, BEGINNING.length, 0);
      return buffer.toString('utf8', 0, bytesRead) === BEGINNING;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Reads a plan that is exactly as it was written.
 *
 * @throws Failure: configuration when it cannot be read, data when it is damaged or of another version
 */
export async function readPlan(path: string): Promise<Plan> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const end = text.indexOf('\n');
  const header = parseWith(headerSchema, text.slice(0, end === -1 ? undefined : end));
  if (!header) throw isOtherVersion(text) ? otherVersion(path) : damaged(path);
  const lines = text.slice(end + 1);
  if (digestOf(header.redis, lines) !== header.digest) throw damaged(path);
  const changes = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => parseWith(changeSchema, line));
  const sound = changes.filter((change) => change !== undefined);
  const keys = new Set(sound.map(({ key }) => key));
  if (sound.length !== changes.length || keys.size !== sound.length || sound.length !== header.changes)
    throw damaged(path);
  return { redis: header.redis, changes: sound };
}

function parseWith<Value>(schema: z.ZodType<Value>, text: string): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

const isOtherVersion = (text: string) =>
  text.startsWith(BEGINNING) && !text.startsWith(`{"schema":"${SCHEMA}"`);

/** @throws Failure (safety) where a plan was made for another Redis */
export function assertSameRedis(planned: string, url: string): void {
  if (placeOf(readRedisUrl(planned)) === placeOf(readRedisUrl(url))) return;
  throw new Failure('safety', 'other_redis', `the plan is for ${planned}, and this is ${url}`, {
    hint: 'Make a plan for this Redis, or name the other one with --redis.',
  });
}

/** Who logs in does not matter. */
const placeOf = ({ kind, tls, servers, database, master }: RedisAddress): string =>
  JSON.stringify([kind, tls, servers.map((server) => JSON.stringify(server)).sort(), database, master]);

const HINT = 'Make a new one: vmqctl acl plan … --out PLAN. Nothing was changed.';

const damaged = (path: string) =>
  new Failure('data', 'damaged_plan', `${path} is not as it was written: it is cut off, or was changed`, {
    hint: HINT,
  });

const otherVersion = (path: string) =>
  new Failure('data', 'other_plan_version', `${path} is the plan of another version of vmqctl`, {
    hint: HINT,
  });

const unreadable = (path: string, cause: unknown) =>
  new Failure(
    'configuration',
    'unreadable_file',
    `${path} cannot be read: ${(cause as NodeJS.ErrnoException).code}`,
    { cause },
  );
