import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInput } from '../../../../src/lib/acl/bulk/input.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-input-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

const ROWS = Buffer.from(Array.from({ length: 80_000 }, (_, at) => `row ${at}\n`).join(''));
const NUMBERS = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join('');
const at = (bytes: number) => ({ bytes, line: 1 });

async function fileOf(bytes: Buffer | string): Promise<string> {
  const path = join(folder, 'rows');
  await writeFile(path, bytes);
  return path;
}

/** Copies each piece before the next is asked for. */
async function whole(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
}

const openFiles = async () => (await readdir('/proc/self/fd')).length;

describe('a file', () => {
  it.each([0, 1, 262_144, 262_145, ROWS.length])('is given whole from byte %i on', async (from) => {
    const input = await openInput(await fileOf(ROWS), process.stdin);
    expect((await whole(input.read(at(from)))).equals(ROWS.subarray(from))).toBe(true);
  });

  it('may be empty', async () => {
    const input = await openInput(await fileOf(''), process.stdin);
    expect(await whole(input.read(at(0)))).toHaveLength(0);
  });

  it('is closed when no more of it is wanted', async () => {
    const input = await openInput(await fileOf(ROWS), process.stdin);
    const before = await openFiles();
    for await (const piece of input.read(at(0))) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(await openFiles()).toBe(before);
  });

  it('that is gone when it is read is told', async () => {
    const path = await fileOf(ROWS);
    const input = await openInput(path, process.stdin);
    await rm(path);
    await expect(whole(input.read(at(0)))).rejects.toMatchObject({ kind: 'configuration' });
  });
});

it('a folder is no input', async () => {
  const input = await openInput(folder, process.stdin);
  await expect(whole(input.read(at(0)))).rejects.toMatchObject({ kind: 'configuration' });
});

it('a pipe that stands in the place of a file is given whole, and is no file to come back to', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const writer = spawn('sh', ['-c', 'seq 1 100000 > "$1"', 'sh', path]);
  const ended = once(writer, 'close');
  const input = await openInput(path, process.stdin);
  expect(input.file).toBeUndefined();
  expect((await whole(input.read(at(0)))).toString()).toBe(NUMBERS);
  expect(await ended).toEqual([0, null]);
});
