import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { stageFile, sweepStaged } from '../../atomic-file.js';
import { isRedisUrl, isSameRedis } from '../../context/redis-url.js';
import { Failure } from '../../failure.js';
import { unreadableFile } from '../../unreadable-file.js';
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
/** The same of a plan that is the way back from another one. */
const UNDO_BEGINNING = `{"schema":"${SCHEMA}","undo":true,`;

const headerSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  undo: z.literal(true).optional(),
  redis: z.string().refine(isRedisUrl),
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

/** Changes whose lines are written at a time. */
const PAGE = 1000;

/** A line that says what it is, with the digest of all that follows, then a line for each change; in pieces. */
export function* formatPlan(plan: Plan, kind: 'plan' | 'undo' = 'plan'): Generator<string> {
  const { redis, changes } = plan;
  const mark = kind === 'undo' ? { undo: true } : {};
  const header = { schema: SCHEMA, ...mark, redis, changes: changes.length, digest: digestOf(plan) };
  yield `${JSON.stringify(header)}\n`;
  yield* pagesOf(changes);
}

function* pagesOf(changes: readonly Change[]): Generator<string> {
  for (let at = 0; at < changes.length; at += PAGE)
    yield changes
      .slice(at, at + PAGE)
      .map(lineOf)
      .join('');
}

const lineOf = ({ key, found, write }: Change): string => `${JSON.stringify({ key, found, write })}\n`;

/** The same for plans that are the same. */
export function digestOf({ redis, changes }: Plan): string {
  const hash = newDigest(redis);
  for (const page of pagesOf(changes)) hash.update(page);
  return hash.digest('hex');
}

const newDigest = (redis: string) => createHash('sha256').update(`${redis}\n`);

/**
 * Writes a plan so that only its owner can read it. It has passhashes in it.
 *
 * @throws Failure: safety where something else is in its place, configuration when it cannot be written
 */
export async function writePlan(path: string, plan: Plan): Promise<void> {
  await assertReplaceable(path);
  // What a killed command has left of it has passhashes in it.
  await sweepStaged(dirname(path), basename(path));
  await (await stageFile(path, formatPlan(plan))).replace();
}

/** Nothing but a plan is replaced: neither a terminal, nor the desired records, nor the only way back. */
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
  if (await beginsWith(path, UNDO_BEGINNING))
    throw new Failure('safety', 'undo_exists', `${path} is an undo, which brings back what was`, {
      hint: 'Name another file with --out, or remove it where it is of no more use.',
    });
}

/** Whether a file is a plan, by its beginning; false for what is no file. @throws Failure (configuration) */
export const isPlanFile = (path: string): Promise<boolean> => beginsWith(path, BEGINNING);

async function beginsWith(path: string, text: string): Promise<boolean> {
  try {
    // Before it is opened: a pipe would wait for its other end.
    if (!(await stat(path)).isFile()) return false;
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(text.length), 0, text.length, 0);
      return buffer.toString('utf8', 0, bytesRead) === text;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

/**
 * Reads a plan that is exactly as it was written.
 *
 * @throws Failure: configuration when it cannot be read, data when it is damaged or of another version
 */
export async function readPlan(path: string): Promise<Plan> {
  const lines = readLines(path);
  const { value: first = '' } = await lines.next();
  const header = parseWith(headerSchema, first);
  if (!header) throw isOtherVersion(first) ? otherVersion(path) : damaged(path);
  const changes = new Map<string, Change>();
  const hash = newDigest(header.redis);
  for await (const line of lines) {
    hash.update(line);
    const change = parseWith(changeSchema, line);
    if (!change || changes.has(change.key)) throw damaged(path);
    changes.set(change.key, change);
  }
  if (hash.digest('hex') !== header.digest || changes.size !== header.changes) throw damaged(path);
  return { redis: header.redis, changes: [...changes.values()] };
}

/** With their ends. Only a newline ends one: other characters that end lines may stand in a text. */
async function* readLines(path: string): AsyncGenerator<string, undefined> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const lines = `${rest}${chunk}`.split(/(?<=\n)/);
      rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '');
      yield* lines;
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
  if (rest !== '') yield rest;
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
  if (isSameRedis(planned, url)) return;
  throw new Failure('safety', 'other_redis', `the plan is for ${planned}, and this is ${url}`, {
    hint: 'Make a plan for this Redis, or name the other one with --redis.',
  });
}

const HINT = 'Make a new one: vmqctl acl plan … --out PLAN. Nothing was changed.';

const damaged = (path: string) =>
  new Failure('data', 'damaged_plan', `${path} is not as it was written: it is cut off, or was changed`, {
    hint: HINT,
  });

const otherVersion = (path: string) =>
  new Failure('data', 'other_plan_version', `${path} is the plan of another version of vmqctl`, {
    hint: HINT,
  });
