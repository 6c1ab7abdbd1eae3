import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { unreadableFile } from '../../unreadable-file.js';

/** A file of desired records, and what messages call it. */
export interface DesiredFile {
  readonly path: string;
  readonly name: string;
}

/** Something that hinders the whole plan. */
export interface Fault {
  readonly file: string;
  /** From 1; null where it is about the whole file. */
  readonly line: number | null;
  readonly why: string;
}

const EXTENSIONS = ['.ndjson', '.jsonl', '.csv', '.yaml', '.yml'];

/**
 * The files that a path names: itself, or those of a folder in the order of their names. Hidden ones are left out; what
 * else cannot be read as records is a fault, as records that are overlooked would be removed.
 *
 * @throws Failure (configuration) when the path cannot be read
 */
export async function desiredFiles(
  path: string,
): Promise<{ readonly files: readonly DesiredFile[]; readonly faults: readonly Fault[] }> {
  if (!(await readable(path, stat(path))).isDirectory()) return { files: [{ path, name: path }], faults: [] };
  const names = (await readable(path, readdir(path))).filter((name) => !name.startsWith('.')).sort();
  const files: DesiredFile[] = [];
  const faults: Fault[] = [];
  for (const name of names) {
    const file = { path: join(path, name), name: join(path, name) };
    const why = problemOf(name, (await readable(file.path, stat(file.path))).isFile());
    if (why === undefined) files.push(file);
    else faults.push({ file: file.name, line: null, why });
  }
  return { files, faults };
}

function problemOf(name: string, isFile: boolean): string | undefined {
  if (!isFile) return 'it is no file, and only the files of a folder are read';
  if (EXTENSIONS.includes(extname(name).toLowerCase())) return undefined;
  return `its extension is none of ${EXTENSIONS.join(', ')}`;
}

async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  return await reading.catch((cause: unknown) => {
    throw unreadableFile(path, cause);
  });
}
