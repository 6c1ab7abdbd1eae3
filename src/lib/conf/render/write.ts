import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type StagedFile, stageFile } from '../../atomic-file.js';
import { Failure } from '../../failure.js';
import type { RenderedNode } from './render.js';

export type State = 'new' | 'unchanged' | 'changed';

/** A file of a node, and what there is in its place. */
export interface PlannedFile {
  readonly node: string;
  readonly path: string;
  readonly text: string;
  readonly state: State;
}

/**
 * Says what would be written where: a folder for each node, by its name.
 *
 * @throws Failure (configuration) when what is there cannot be read
 */
export function planFiles(nodes: readonly RenderedNode[], folder: string): Promise<PlannedFile[]> {
  return Promise.all(
    nodes.map(async ({ name, text }) => {
      const path = join(folder, name, 'vernemq.conf');
      return { node: name, path, text, state: await stateOf(path, text) };
    }),
  );
}

/** A file that others can read is changed too: it holds the cookie. */
async function stateOf(path: string, text: string): Promise<State> {
  try {
    const [present, { mode }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const isClosed = process.platform === 'win32' || (mode & 0o077) === 0;
    return present === text && isClosed ? 'unchanged' : 'changed';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'new';
    throw new Failure('configuration', 'unreadable_file', `cannot read ${path}: ${code}`);
  }
}

/**
 * Writes them with mode 0600, none before all could be written beside their places.
 *
 * @param overwrite whether other files may be in their places
 * @throws Failure: safety, with nothing written, when one is; configuration when one cannot be written
 */
export async function writeFiles(files: readonly PlannedFile[], overwrite: boolean): Promise<void> {
  const other = files.find(({ state }) => state === 'changed');
  if (other && !overwrite) throw inTheWay(other.path);
  const staged: { file: PlannedFile; stage: StagedFile }[] = [];
  for (const file of files)
    if (file.state !== 'unchanged') staged.push({ file, stage: await stageFile(file.path, file.text) });
  for (const { file, stage } of staged) {
    if (overwrite) await stage.replace();
    else if (!(await stage.create())) throw inTheWay(file.path);
  }
}

const inTheWay = (path: string) =>
  new Failure(
    'safety',
    'file_exists',
    `${path} is there already, and says something else or can be read by others`,
    {
      hint: 'See what would be written with --dry-run; give --overwrite to have it replaced.',
    },
  );
