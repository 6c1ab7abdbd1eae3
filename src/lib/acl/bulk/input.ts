import { type FileHandle, open, realpath } from 'node:fs/promises';
import { Failure } from '../../failure.js';
import { unreadableFile } from '../../unreadable-file.js';
import type { Position } from './lines.js';

/** What rows are read from. */
export interface Input {
  /** Of a file; undefined for what is piped in, which cannot be read twice. */
  readonly file: { readonly path: string; readonly size: number; readonly modifiedAt: number } | undefined;
  /** Pieces whose bytes may be those of a later one once that is asked for. */
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
  const stats = await handle.stat();
  // A pipe in the place of a file cannot be read twice, nor opened twice.
  if (!stats.isFile()) return { file: undefined, read: () => readPipe(name, handle) };
  await handle.close();
  const path = await realpath(name);
  const file = { path, size: stats.size, modifiedAt: stats.mtimeMs };
  return { file, read: ({ bytes }) => readFrom(path, bytes) };
}

/** One piece is read while the one before is looked at, in two places in turn: a stream would take new memory for each. */
async function* readFrom(path: string, start: number): AsyncGenerator<Buffer> {
  const handle = await opened(path);
  let [place, other] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];
  let at = start;
  let reading = readAhead(handle, place, at);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      const piece = place.subarray(0, bytesRead);
      at += bytesRead;
      [place, other] = [other, place];
      reading = readAhead(handle, place, at);
      yield piece;
    }
  } catch (error) {
    throw unreadableFile(path, error);
  } finally {
    await Promise.allSettled([reading]);
    await handle.close();
  }
}

function readAhead(handle: FileHandle, place: Buffer, at: number) {
  const reading = handle.read(place, 0, PIECE, at);
  reading.catch(() => undefined); // it is awaited in its turn
  return reading;
}

async function* readPipe(name: string, handle: FileHandle): AsyncGenerator<Buffer> {
  try {
    yield* handle.createReadStream({ highWaterMark: PIECE });
  } catch (error) {
    throw unreadableFile(name, error);
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
