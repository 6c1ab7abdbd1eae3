import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, stageFile } from '../../atomic-file.js';
import { Failure } from '../../failure.js';
import type { ApiMode } from '../options.js';

/** A node as the operator needs it. */
export interface StateNode {
  readonly name: string;
  readonly httpUrl: string;
  readonly mqttUrl: string;
}

/** The file that tells of a running sandbox. It holds the token of its control port, so only its owner may read it. */
export interface SandboxState {
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly apiMode: ApiMode;
  readonly apiKeyFile: string | null;
  /** Without a password. */
  readonly redisUrl: string | null;
  /** Where an epmd tells the Erlang ports of the nodes, and the file with the cookie that they have. */
  readonly epmdPort: number;
  readonly cookieFile: string;
  readonly nodes: readonly StateNode[];
  readonly control: { readonly port: number; readonly token: string };
}

export const stateFile = (folder: string) => join(folder, 'sandbox.json');
export const apiKeyFile = (folder: string) => join(folder, 'sandbox-api-key');
export const cookieFile = (folder: string) => join(folder, 'sandbox-cookie');
export const logFile = (folder: string) => join(folder, 'sandbox.log');

/**
 * @returns null when there is none
 * @throws Failure (configuration) when it cannot be read, or is not one of ours
 */
export async function readState(folder: string): Promise<SandboxState | null> {
  const path = stateFile(folder);
  try {
    const state: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isState(state)) return state;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(path, cause);
  }
  throw unreadable(path);
}

/** Nobody else writes it: enough is checked to tell that it is whole. */
function isState(value: unknown): value is SandboxState {
  const { nodes, control } = (value ?? {}) as Partial<SandboxState>;
  return Array.isArray(nodes) && typeof control?.port === 'number' && typeof control.token === 'string';
}

const unreadable = (path: string, cause?: unknown) =>
  new Failure('configuration', 'unreadable_sandbox_state', `cannot read ${path}`, {
    cause,
    hint: 'If no sandbox runs, delete the file.',
  });

/** Of several processes that try at once, one succeeds. @returns whether it did */
export async function createState(folder: string, state: SandboxState): Promise<boolean> {
  const staged = await stageFile(stateFile(folder), `${JSON.stringify(state, null, 2)}\n`);
  return await staged.create();
}

export async function writeSecret(path: string, secret: string): Promise<void> {
  const staged = await stageFile(path, `${secret}\n`);
  await staged.replace();
}

/** Removes what belongs to this sandbox, and not to one that has been started since. */
export async function removeState(folder: string, { control }: Pick<SandboxState, 'control'>): Promise<void> {
  if ((await readState(folder))?.control.token !== control.token) return;
  await removeFile(stateFile(folder));
  await removeFile(apiKeyFile(folder));
  await removeFile(cookieFile(folder));
}
