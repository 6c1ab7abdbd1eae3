import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goldenFile } from '../golden.js';

/** What a run of `vmq-admin` came to. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

interface Recorded extends Answer {
  readonly id: string;
  readonly argv: readonly string[];
}

/** A folder with programs as a broker's host has them. */
export interface BrokerHost {
  readonly folder: string;
  /** Of the stand-in that replays recordings. */
  readonly vmqAdmin: string;
  /** Puts a program there. @returns its path */
  program(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

/** Recorded answers by arguments, of a node of its own: `VerneMQ21@127.0.0.1`. */
export function recordedAnswers(): Map<string, Answer> {
  const rows = (goldenFile('cli-2.2.0.json') as Recorded[]).filter(({ id }) => id.startsWith('fresh.'));
  return new Map(rows.map((row) => [row.argv.slice(1).join(' '), row]));
}

export const said = (stdout: string): Answer => ({ stdout, stderr: '', exitCode: 0 });

/** @param answers by arguments with blanks in between; `unknown` for all others */
export async function brokerHost(answers: ReadonlyMap<string, Answer> = new Map()): Promise<BrokerHost> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-host-'));
  await chmod(folder, 0o755);
  const vmqAdmin = join(folder, 'vmq-admin');
  await copyFile(fileURLToPath(new URL('./vmq-admin', import.meta.url)), vmqAdmin);
  await chmod(vmqAdmin, 0o755);
  for (const [asked, answer] of answers)
    await writeAnswer(join(folder, 'answers', asked.replaceAll('/', '_')), answer);
  const program = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o755 });
    return path;
  };
  return { folder, vmqAdmin, program, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function writeAnswer(folder: string, { stdout, stderr, exitCode }: Answer): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'stdout'), stdout);
  await writeFile(join(folder, 'stderr'), stderr);
  await writeFile(join(folder, 'code'), String(exitCode));
}
