import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import { Secret } from '../secret.js';
import type { SecretSource } from './secret-kinds.js';

export const SOURCE_GRAMMAR = 'file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin';

/**
 * Reads the SOURCE grammar: `file:PATH`, `env:NAME`, `command:LINE`, `keyring:SERVICE/ACCOUNT`, `stdin`.
 *
 * @param flag what the operator called it, for messages
 * @throws Failure (usage) for anything else. It may be the secret itself, so no message ever repeats it.
 */
export function parseSecretSource(text: string, flag: string): SecretSource {
  if (text === 'stdin') return { kind: 'stdin' };
  const [, kind, rest = ''] = /^(file|env|command|keyring):(.*)$/s.exec(text) ?? [];
  if (kind === undefined) {
    throw new Failure(
      'usage',
      'secret_in_argv',
      `${flag} takes the place of a secret, never the secret itself`,
      {
        hint: `Give ${SOURCE_GRAMMAR}. If that was the secret, other users may have seen it: replace it.`,
      },
    );
  }
  const source = parseRest(kind, rest);
  if (source) return source;
  throw new Failure('usage', 'bad_secret_source', `what ${flag} has after ${kind}: makes no sense`, {
    hint: `Give ${SOURCE_GRAMMAR}.`,
  });
}

function parseRest(kind: string, rest: string): SecretSource | undefined {
  if (kind === 'file')
    return rest === '' ? undefined : { kind, path: rest.replace(/^~(?=\/)/, () => homedir()) };
  if (kind === 'env') return /^[A-Za-z_]\w*$/.test(rest) ? { kind, name: rest } : undefined;
  if (kind === 'command') return rest.trim() === '' ? undefined : { kind, line: rest };
  const [, service, account] = /^([^/]+)\/(.+)$/s.exec(rest) ?? [];
  return service && account ? { kind: 'keyring', service, account } : undefined;
}

/** The text that `parseSecretSource` reads back. */
export function formatSecretSource(source: SecretSource): string {
  switch (source.kind) {
    case 'file':
      return `file:${source.path}`;
    case 'env':
      return `env:${source.name}`;
    case 'command':
      return `command:${source.line}`;
    case 'keyring':
      return `keyring:${source.service}/${source.account}`;
    case 'stdin':
      return 'stdin';
  }
}

/** A secret that is kept in a file of ours when it was given on standard input. */
export type KeptSecret = 'api-key' | 'cookie' | 'redis-password' | 'ssh-password';

/** Where a secret is kept that was given on standard input, for example `…/secrets/prod.api-key`. */
export const secretFile = (folder: string, name: string, what: KeptSecret): string =>
  join(folder, 'secrets', `${name}.${what}`);

/**
 * Fetches a secret from where `source` says. One final newline is dropped.
 *
 * @param flag what the operator called it, such as `--api-key-from`, for messages
 * @throws Failure: usage when the source cannot be read as one, or standard input is asked for twice; configuration
 *   when the secret cannot be had, is empty, or has more than one line. None repeats the secret.
 */
export async function readSecret(
  source: string,
  flag: string,
  environment: NodeJS.ProcessEnv,
): Promise<Secret> {
  const parsed = parseSecretSource(source, flag);
  const { fetchSecret } = await import('./secret-readers.js');
  return toSecret(await fetchSecret(parsed, flag, environment), flag);
}

/**
 * Makes a secret of what a file, a command or a variable holds. One final newline is dropped.
 *
 * @throws Failure (configuration) when it is empty or has more than one line
 */
export function toSecret(text: string, origin: string): Secret {
  const value = text.replace(/\r?\n$/, '');
  if (value.trim() === '')
    throw new Failure('configuration', 'empty_secret', `the secret of ${origin} is empty`);
  // It would end up in an HTTP header or in a one-line file; more lines mean that something else was read.
  if (/[\r\n\0]/.test(value)) {
    throw new Failure('configuration', 'bad_secret', `the secret of ${origin} has more than one line`);
  }
  return new Secret(value);
}
