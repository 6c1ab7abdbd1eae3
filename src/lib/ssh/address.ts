import { Failure } from '../failure.js';

/** What the operator named: the rest comes from the OpenSSH configuration. */
export interface SshAddress {
  /** A name of the configuration, a host name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

const HINT = 'Give a URL such as ssh://admin@172.16.16.13 or ssh://admin@broker1:2222.';

/**
 * Reads `ssh://user@host:port`; user and port may be left out.
 *
 * @param what the operator called it, for messages
 * @throws Failure (usage); a password in the URL is refused and not repeated
 */
export function parseSshUrl(text: string, what = 'the SSH address'): SshAddress {
  const bad = (reason: string) => new Failure('usage', 'bad_ssh_url', `${what} ${reason}`, { hint: HINT });
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'ssh:') throw bad('is no ssh:// URL');
  if (url.password !== '') {
    throw new Failure('usage', 'secret_in_argv', `${what} has a password in it`, {
      hint: 'Give the URL without it; keys and the SSH agent are what vmqctl logs in with.',
    });
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw bad(`has something after host and port: ${text}`);
  if (url.hostname === '') throw bad(`names no host: ${text}`);
  const user = url.username === '' ? undefined : decoded(url.username, bad);
  const host = decoded(url.hostname, bad).replace(/^\[(.*)\]$/, '$1');
  // ssh itself refuses such names too: they reach commands and files.
  if (/[\s'"`$\\;&<>|(){}/@]/.test(host) || host.startsWith('-')) throw bad(`names no host: ${text}`);
  if (user !== undefined && (/[\s'"`$\\;&<>|(){}]/.test(user) || user.startsWith('-')))
    throw bad(`names no user: ${text}`);
  return { host, user, port: url.port === '' ? undefined : portOf(url.port, bad) };
}

/** A hop of ProxyJump: `[user@]host[:port]` or an `ssh://` URL. @throws Failure (usage) */
export const parseHop = (text: string): SshAddress =>
  parseSshUrl(text.startsWith('ssh://') ? text : `ssh://${text}`, 'ProxyJump');

/** `ssh://user@host:port`; the port only where it is not 22. */
export function formatSshUrl({ host, user, port }: SshAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `ssh://${user === undefined ? '' : `${user}@`}${name}${port === undefined || port === 22 ? '' : `:${port}`}`;
}

function portOf(text: string, bad: (reason: string) => Failure): number {
  const port = Number(text);
  if (port < 1) throw bad('has port 0');
  return port;
}

function decoded(text: string, bad: (reason: string) => Failure): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('has a % that is not followed by two hexadecimal digits');
  }
}
