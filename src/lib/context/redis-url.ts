import { Failure } from '../failure.js';
import { Secret } from '../secret.js';
import { parseUrl } from './parse-url.js';

/** Where a server listens: a port of a host, or a socket. */
export type ServerAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** What the URL of a Redis says. */
export interface RedisAddress {
  readonly kind: 'server' | 'cluster' | 'sentinel';
  readonly tls: boolean;
  /** The server, or those to ask first: some of a cluster, or the sentinels. */
  readonly servers: readonly ServerAddress[];
  /** Empty where none is given. */
  readonly username: string;
  readonly database: string;
  /** What the sentinels call the primary. */
  readonly master: string;
}

const HINT =
  'Give a URL such as redis://127.0.0.1:6379/0, rediss://host:6380, unix:///run/redis.sock, redis+cluster://host:6379,host2:6379 or redis+sentinel://host:26379,host2:26379/mymaster/0.';

/** Several servers, which no URL parser takes. */
const SEVERAL = /^(rediss?)\+(cluster|sentinel):\/\/(?:([^@/?#]*)@)?([^@/?#]*)([^@]*)$/;
const PATHS = { cluster: /^\/?$/, sentinel: /^\/[\w.-]+(\/\d*)?$/ };
const PORTS = { server: 6379, cluster: 6379, sentinel: 26379 };

/**
 * Checks a Redis URL that must not have a password in it.
 *
 * @throws Failure (usage), which does not repeat the password
 */
export function redisUrl(text: string, flag: string): string {
  const { url, password } = splitRedisUrl(text, flag);
  if (password === undefined) return url;
  throw new Failure('usage', 'secret_in_argv', `${flag} has a password in it`, {
    hint: 'Give the URL without it, and the password with --redis-password-from or VMQCTL_REDIS_PASSWORD.',
  });
}

/**
 * Checks a Redis URL and takes its password out, so that the URL can be shown.
 *
 * @throws Failure (usage) when it is none
 */
export function splitRedisUrl(text: string, flag: string): { url: string; password: Secret | undefined } {
  const bad = (reason: string) => new Failure('usage', 'bad_redis_url', `${flag} ${reason}`, { hint: HINT });
  return /^rediss?\+/.test(text) ? splitSeveral(text, flag, bad) : splitOne(text, flag, bad);
}

/** Whether it is such a URL. Of several servers it is none that a URL parser takes. */
export function isRedisUrl(text: string): boolean {
  try {
    splitRedisUrl(text, '');
    return true;
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

type Refusal = (reason: string) => Failure;

function splitOne(text: string, flag: string, bad: Refusal) {
  const url = parseUrl(text, flag, 'bad_redis_url', HINT);
  if (!['redis:', 'rediss:', 'unix:'].includes(url.protocol))
    throw bad('is no redis://, rediss:// or unix:// URL, nor one of a cluster or of sentinels');
  // Redis libraries take options from here, a password among them, and this URL is going to be shown.
  if (url.search !== '' || url.hash !== '') throw bad('has something after ? or #');
  if (url.protocol === 'unix:' ? url.host !== '' || url.pathname.length < 2 : url.host === '') {
    throw bad(url.protocol === 'unix:' ? 'has no absolute path after unix://' : 'has no host');
  }
  if (url.protocol !== 'unix:' && !/^(\/\d*)?$/.test(url.pathname))
    throw bad('has a path that is no database number');
  const password = url.password === '' ? undefined : new Secret(decoded(url.password, bad));
  url.password = '';
  return { url: url.href, password };
}

function splitSeveral(text: string, flag: string, bad: Refusal) {
  const [, scheme = '', kind, login = '', hosts = '', path = ''] = SEVERAL.exec(text) ?? [];
  if (kind !== 'cluster' && kind !== 'sentinel')
    throw bad('is neither redis+cluster://HOST:PORT,… nor redis+sentinel://HOST:PORT,…/MASTER');
  if (/[?#]/.test(path)) throw bad('has something after ? or #');
  if (!PATHS[kind].test(path))
    throw bad(
      kind === 'cluster'
        ? 'has a path, but a cluster has only one database'
        : 'does not end in the name of a primary, with a database number after it or not',
    );
  if (login.includes(','))
    throw bad('has a comma in front of the @; write it as %2C, with the user before the first host');
  // Each of them is checked as the URL of one server is; what is secret is only in the first.
  const servers = hosts.split(',').map((host) => splitOne(`${scheme}://${host}`, flag, bad).url);
  const { url, password } = splitOne(`${scheme}://${login === '' ? '' : `${login}@`}h`, flag, bad);
  const user = new URL(url).username;
  const places = servers.map((server) => new URL(server).host).join(',');
  return { url: `${scheme}+${kind}://${user === '' ? '' : `${user}@`}${places}${path}`, password };
}

function decoded(text: string, bad: Refusal): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('has a % in its password that is not followed by two hexadecimal digits; write it as %25');
  }
}

/** @param url one that was checked */
export function readRedisUrl(url: string): RedisAddress {
  const [, scheme = '', several, login = '', hosts = '', path = ''] = SEVERAL.exec(url) ?? [];
  if (several === 'cluster' || several === 'sentinel') {
    const servers = hosts.split(',').map((host) => serverOf(new URL(`redis://${host}`), PORTS[several]));
    const [, master = '', database] = path.split('/');
    const shared = { tls: scheme === 'rediss', servers, username: decodeURIComponent(login) };
    return { ...shared, kind: several, database: database || '0', master };
  }
  const one = new URL(url);
  const username = decodeURIComponent(one.username);
  const shared = { kind: 'server', tls: one.protocol === 'rediss:', username, master: '' } as const;
  if (one.protocol === 'unix:')
    return { ...shared, servers: [{ path: decodeURIComponent(one.pathname) }], database: '0' };
  return { ...shared, servers: [serverOf(one, PORTS.server)], database: one.pathname.slice(1) || '0' };
}

const serverOf = ({ hostname, port }: URL, otherwise: number): ServerAddress => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: Number(port || otherwise),
});

/** Whether two URLs are of the same Redis. Who logs in does not matter. */
export const isSameRedis = (one: string, other: string): boolean =>
  placeOf(readRedisUrl(one)) === placeOf(readRedisUrl(other));

const placeOf = ({ kind, tls, servers, database, master }: RedisAddress): string =>
  JSON.stringify([kind, tls, servers.map((server) => JSON.stringify(server)).sort(), database, master]);
