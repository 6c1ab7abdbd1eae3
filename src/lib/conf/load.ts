import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { Failure } from '../failure.js';
import type { NodeConfiguration, SourceFile } from './configuration.js';
import { parseConf } from './parse.js';
import type { Configuration } from './read.js';
import { LONGEST_FILE } from './read-script.js';
import { redactVmArgs } from './redact.js';

const STANDARD_INPUT = '-';

/**
 * Reads the configuration of one node on this machine, with the files that it includes.
 *
 * @param path vernemq.conf, a folder that has one, or `-` for standard input, which includes nothing
 * @throws Failure (data): a file cannot be read, is far too long, or includes itself
 */
export async function loadConfiguration(
  path: string,
  input: AsyncIterable<Buffer>,
): Promise<NodeConfiguration> {
  if (path === STANDARD_INPUT) {
    const text = decoded(await collect(input), 'standard input');
    return { origin: STANDARD_INPUT, vernemqConf: { path: STANDARD_INPUT, text } };
  }
  if (!(await isFolder(path))) return { origin: path, vernemqConf: await readSource(path, []) };
  const vernemqConf = await readSource(join(path, 'vernemq.conf'), []);
  return { origin: path, vernemqConf, vmArgs: await readVmArgs(join(path, 'vm.args')) };
}

/** What was fetched from a host: its secrets are out of the texts, and are kept apart. */
export function fetchedConfiguration(origin: string, fetched: Configuration): NodeConfiguration {
  const { vernemqConf, included, vmArgs } = fetched;
  const cookie = vmArgs?.secrets.get('-setcookie');
  return {
    origin,
    vernemqConf: { ...vernemqConf, included: new Map([['conf.d/*.conf', included]]) },
    secrets: new Map([vernemqConf, ...included].flatMap(({ secrets }) => [...secrets])),
    vmArgs: vmArgs && { path: vmArgs.path, text: vmArgs.text, ...(cookie ? { cookie } : {}) },
  };
}

async function readSource(path: string, includedBy: readonly string[]): Promise<SourceFile> {
  if (includedBy.includes(path))
    throw new Failure('data', 'include_cycle', `${path} includes itself: the broker would never start`, {
      hint: 'Take the include line out.',
    });
  const text = decoded(await readBytes(path), path);
  const included = new Map<string, readonly SourceFile[]>();
  for (const element of parseConf(text)) {
    if (element.kind !== 'include') continue;
    const paths = await matching(isAbsolute(element.path) ? element.path : join(dirname(path), element.path));
    const files: SourceFile[] = [];
    for (const each of paths) files.push(await readSource(each, [...includedBy, path]));
    included.set(element.path, files);
  }
  return { path, text, included };
}

/** As Erlang's filelib has it: a star in the name alone, hidden files too, and what is not there is no mistake. */
async function matching(pattern: string): Promise<string[]> {
  const folder = dirname(pattern);
  const expression = basename(pattern).split('*').map(escaped).join('.*');
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw unreadable(folder, error);
  });
  const name = new RegExp(`^${expression}$`, 's');
  return names
    .filter((each) => name.test(each))
    .sort()
    .map((each) => join(folder, each));
}

const escaped = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

async function readVmArgs(path: string): Promise<NonNullable<NodeConfiguration['vmArgs']> | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  });
  if (bytes === undefined) return null;
  const { text, secrets } = redactVmArgs(decoded(bytes, path));
  const cookie = secrets.get('-setcookie');
  return { path, text, ...(cookie ? { cookie } : {}) };
}

async function isFolder(path: string): Promise<boolean> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
  return facts.isDirectory();
}

const readBytes = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });

async function collect(input: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** What is no UTF-8 becomes U+FFFD, which the linter finds. A byte order mark stays. */
function decoded(bytes: Buffer, path: string): string {
  if (bytes.length <= LONGEST_FILE) return bytes.toString('utf8');
  throw new Failure('data', 'conf_too_long', `${path} has more than ${LONGEST_FILE / 1024} kB`, {
    hint: 'Is that the configuration of VerneMQ?',
  });
}

const unreadable = (path: string, { code }: NodeJS.ErrnoException) =>
  new Failure('data', 'conf_not_readable', `cannot read ${path}: ${code}`, {
    hint: 'Give vernemq.conf, the folder that it is in, or - for standard input.',
  });
