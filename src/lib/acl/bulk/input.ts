import { createReadStream } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { Failure } from '../../failure.js';
import { unreadableFile } from '../../unreadable-file.js';
import type { Position } from './lines.js';

/** What rows are read from. */
export interface Input {
  /** Of a file; undefined for what is piped in, which cannot be read twice. */
  readonly file: { readonly path: string; readonly size: number; readonly modifiedAt: number } | undefined;
  read(from: Position): AsyncIterable<Buffer>;
}

/** Bytes at a time: about a thousand rows, as many as one command to Redis should have. */
const PIECE = 262_144;

/**
 * Opens a file, or standard input for `-`.
 *
 * @throws Failure: configuration when it cannot be read, usage when somebody would have to type it
 */
export async function openInput(name: string, stdin: NodeJS.ReadStream): Promise<Input> {
  if (name === '-') return pipedIn(stdin);
  const handle = await opened(name);
  try {
    const stats = await handle.stat();
    const path = await realpath(name);
    // A pipe in the place of a file cannot be read twice.
    const file = stats.isFile() ? { path, size: stats.size, modifiedAt: stats.mtimeMs } : undefined;
    return { file, read: ({ bytes }) => readFrom(path, bytes) };
  } finally {
    await handle.close();
  }
}

async function* readFrom(path: string, start: number): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { start, highWaterMark: PIECE });
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

function pipedIn(stdin: NodeJS.ReadStream): Input {
  if (!stdin.isTTY) return { file: undefined, read: () => stdin };
  throw new Failure('usage', 'nothing_piped', '- reads what is piped in, and nothing is', {
    hint: 'Name a file, or pipe rows in: vmqctl acl import - < users.ndjson',
  });
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw unreadableFile(path, error);
  }
}
