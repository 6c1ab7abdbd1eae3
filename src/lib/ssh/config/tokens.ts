import { hostname } from 'node:os';
import { Failure } from '../../failure.js';

/** What the % tokens of ssh_config(5) stand for. */
export interface TokenValues {
  readonly hostname: string;
  readonly originalHost: string;
  readonly port: number;
  readonly user: string;
  readonly localUser: string;
  readonly home: string;
  readonly hostKeyAlias: string | undefined;
}

/**
 * Replaces the tokens of a value.
 *
 * @param keyword for messages
 * @throws Failure (configuration): a token that ssh does not know there, or that is not supported
 */
export function expandTokens(text: string, keyword: string, values: TokenValues): string {
  return text.replace(/%(.?)/g, (_, letter: string) => {
    const value = tokens(values)[letter];
    if (value !== undefined) return value;
    throw new Failure(
      'configuration',
      'bad_ssh_config',
      `${keyword} has a token that is not supported: %${letter}`,
    );
  });
}

function tokens(values: TokenValues): Readonly<Record<string, string>> {
  return {
    '%': '%',
    h: values.hostname,
    n: values.originalHost,
    p: String(values.port),
    r: values.user,
    u: values.localUser,
    d: values.home,
    i: String(process.getuid?.() ?? ''),
    k: values.hostKeyAlias ?? values.originalHost,
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
  };
}

/** A path with `~`, `${VARIABLE}` and tokens. @throws Failure (configuration) */
export function expandPath(
  path: string,
  keyword: string,
  values: TokenValues,
  environment: NodeJS.ProcessEnv,
): string {
  if (/^~[^/]/.test(path))
    throw new Failure('configuration', 'bad_ssh_config', `${keyword}: ~user is not supported: ${path}`);
  const inHome = path.replace(/^~(?=\/|$)/, () => values.home);
  const named = inHome.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = environment[name];
    if (value !== undefined) return value;
    throw new Failure('configuration', 'bad_ssh_config', `${keyword}: the environment has no ${name}`);
  });
  return expandTokens(named, keyword, values);
}
