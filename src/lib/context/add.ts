import { resolve } from 'node:path';
import type { ApiKeyHeader } from '../admin/http/key-header.js';
import { splitWords } from '../admin/ssh/quote.js';
import { Failure } from '../failure.js';
import { configFolder, readIfThere, readSelection } from './current.js';
import { nodeUrls, type TextList } from './endpoint.js';
import { contextFile, contextNames } from './load.js';
import { redisUrl } from './redis-url.js';
import type { SavedContext } from './schema.js';
import {
  formatSecretSource,
  type KeptSecret,
  parseSecretSource,
  readSecret,
  secretFile,
} from './secret-source.js';
import { contextExists, type KeptSecrets, saveContext, select, selectFirst } from './store.js';

/** What the operator wants saved. Secrets are named by their source. */
export interface NewContext {
  readonly name: string;
  readonly nodes: TextList;
  readonly redis?: string | undefined;
  readonly apiKeyFrom?: string | undefined;
  readonly apiKeyHeader?: ApiKeyHeader | undefined;
  readonly cookieFrom?: string | undefined;
  readonly redisPasswordFrom?: string | undefined;
  readonly caFile?: string | undefined;
  readonly sshConfig?: string | undefined;
  readonly sshPasswordFrom?: string | undefined;
  readonly sshPrefix?: string | undefined;
  readonly vmqAdmin?: string | undefined;
  readonly sudo?: boolean | undefined;
  /** Make it the current one; the first one is anyway. */
  readonly use: boolean;
  /** It may take the place of one that is there. */
  readonly replace: boolean;
}

export interface AddedContext {
  readonly saved: SavedContext;
  readonly isCurrent: boolean;
  /** Files that a secret from standard input was put into. */
  readonly secretFiles: readonly string[];
}

/**
 * Saves a context.
 *
 * @throws Failure: usage (bad name, URL or source), safety (there is one of that name), configuration (a secret from
 *   standard input is empty, or the files cannot be written)
 */
export async function addContext(wanted: NewContext, environment: NodeJS.ProcessEnv): Promise<AddedContext> {
  const folder = await configFolder(environment);
  await refuseToOverwrite(folder, wanted);
  const endpoints = checkedEndpoints(wanted, environment);
  if (wanted.sshPrefix !== undefined) splitWords(wanted.sshPrefix, '--ssh-prefix');
  const keepOne = (what: KeptSecret, source: string | undefined) =>
    keep(folder, wanted.name, what, source, environment);
  const apiKey = await keepOne('api-key', wanted.apiKeyFrom);
  const cookie = await keepOne('cookie', wanted.cookieFrom);
  const redisPassword = await keepOne('redis-password', wanted.redisPasswordFrom);
  const sshPassword = await keepOne('ssh-password', wanted.sshPasswordFrom);
  const saved: SavedContext = {
    name: wanted.name,
    ...endpoints,
    apiKeyFrom: apiKey.source,
    apiKeyHeader: wanted.apiKeyHeader,
    cookieFrom: cookie.source,
    redisPasswordFrom: redisPassword.source,
    caFile: wanted.caFile && resolve(wanted.caFile),
    sshConfig: wanted.sshConfig && resolve(wanted.sshConfig),
    sshPasswordFrom: sshPassword.source,
    sshPrefix: wanted.sshPrefix,
    vmqAdmin: wanted.vmqAdmin,
    sudo: wanted.sudo === true ? true : undefined,
  };
  const kept = [apiKey, cookie, redisPassword, sshPassword];
  const secrets: KeptSecrets = Object.assign({}, ...kept.map((one) => one.secrets));
  await saveContext(folder, saved, secrets, wanted.replace);
  const isCurrent = await selectAdded(folder, wanted);
  return { saved, isCurrent, secretFiles: kept.flatMap(({ files }) => files) };
}

/** Asked before a secret is read from standard input, so that nobody types one in vain. */
async function refuseToOverwrite(folder: string, wanted: NewContext): Promise<void> {
  const there = await readIfThere(contextFile(folder, wanted.name));
  if (there !== undefined && !wanted.replace) throw contextExists(wanted.name);
}

function checkedEndpoints({ nodes, redis }: NewContext, environment: NodeJS.ProcessEnv) {
  if (nodes.length === 0) {
    throw new Failure('usage', 'no_node', 'a context needs a node', {
      hint: 'Give --node URL. One reachable node is enough: the others are found from it.',
    });
  }
  const redisFlag = redis === environment.VMQCTL_REDIS ? 'VMQCTL_REDIS' : '--redis';
  return {
    nodes: nodeUrls(nodes, '--node'),
    redis: redis === undefined ? undefined : redisUrl(redis, redisFlag),
  };
}

interface Kept {
  readonly source?: string;
  readonly secrets: KeptSecrets;
  readonly files: readonly string[];
}

/** A source is saved as it is. Standard input will not be there again, so what it holds goes into a file of ours. */
async function keep(
  folder: string,
  name: string,
  what: KeptSecret,
  text: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Kept> {
  if (text === undefined) return { secrets: {}, files: [] };
  const flag = `--${what}-from`;
  const source = parseSecretSource(text, flag);
  if (source.kind === 'file') return { source: `file:${resolve(source.path)}`, secrets: {}, files: [] };
  if (source.kind !== 'stdin') return { source: formatSecretSource(source), secrets: {}, files: [] };
  const secret = await readSecret(text, flag, environment);
  const file = secretFile(folder, name, what);
  return { source: `file:${file}`, secrets: { [what]: secret }, files: [file] };
}

/** @returns whether it is the current one now */
async function selectAdded(folder: string, { name, use }: NewContext): Promise<boolean> {
  const current = (await readSelection(folder))?.current;
  if (current === name) return true;
  if (current === undefined && !use) return await selectFirst(folder, name);
  // One whose file somebody has removed by hand is no choice any more.
  if (!use && (await contextNames(folder)).includes(current ?? '')) return false;
  await select(folder, name);
  return true;
}
