import type { ApiKeyHeader } from '../admin/http/key-header.js';
import { isErlangUrl } from '../admin/native/address.js';
import { needsSsh } from '../admin/ssh/address.js';
import { parseDuration } from '../duration.js';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import { epmdPort, nodeUrls, type TextList } from './endpoint.js';
import {
  arbitrate,
  arbitrateSecret,
  type Given,
  givenBy,
  isGiven,
  nothingGiven,
  type SelectedContext,
  selectContext,
} from './precedence.js';
import { readRedisUrl, redisUrl, splitRedisUrl } from './redis-url.js';
import { toSecret } from './secret-source.js';
import { sentinelPassword } from './sentinel-password.js';
import { type SshFlags, type SshSettings, sshSettings } from './ssh-settings.js';

export { plainHttpWarning } from './endpoint.js';

/** How to reach a cluster. */
export interface ClusterSettings {
  /** Such as `http://172.16.16.13:8888` or `erl://VerneMQ@172.16.16.13`; at least one. */
  readonly nodes: readonly string[];
  /** What Erlang nodes know each other by; there if one of the nodes is to be reached that way. */
  readonly cookie?: Secret;
  /** Where epmd listens, if not on its usual port. */
  readonly epmdPort?: number;
  readonly apiKey?: Secret;
  readonly apiKeyHeader: ApiKeyHeader;
  /** PEM file of the authorities that https nodes are checked against. */
  readonly caFile?: string;
  /** There if one of the nodes is to be reached over SSH. */
  readonly ssh?: SshSettings;
  /** Milliseconds per call. */
  readonly deadline: number;
  /** The saved context that had a part in this. */
  readonly context?: string;
}

/** How to reach the Redis of the user records. */
export interface RedisSettings {
  /** See redis-url.ts; may have a user name, never a password. */
  readonly url: string;
  readonly password?: Secret;
  /** What the sentinels want, where the URL names some. */
  readonly sentinelPassword?: Secret;
  /** PEM file of the authorities that a rediss server is checked against. */
  readonly caFile?: string;
  /** Milliseconds per call. */
  readonly deadline: number;
}

/** The values of `nodeFlags`, with `VMQCTL_*` twins already filled in. */
export interface ClusterFlags extends SshFlags {
  readonly context?: string | undefined;
  readonly node?: TextList | undefined;
  readonly 'api-key-from'?: string | undefined;
  readonly 'api-key-header'?: ApiKeyHeader | undefined;
  readonly 'cookie-from'?: string | undefined;
  readonly 'ca-file'?: string | undefined;
  readonly deadline: string;
}

/** The values of `redisFlags`, with `VMQCTL_*` twins already filled in. */
export interface RedisFlags {
  readonly context?: string | undefined;
  readonly redis?: string | undefined;
  readonly 'redis-password-from'?: string | undefined;
  readonly 'ca-file'?: string | undefined;
  readonly deadline: string;
}

/**
 * How to reach the cluster that flags, environment and saved contexts speak of.
 *
 * @param also URLs of nodes that the command reaches besides
 * @param options.triesCookie a cookie that is given is wanted even where no node is reached with it
 * @throws Failure: configuration (no node, unknown or broken context, secret not to be had), usage (bad flag)
 */
export async function clusterSettings(
  flags: ClusterFlags,
  environment: NodeJS.ProcessEnv,
  also: readonly string[] = [],
  { triesCookie = false }: { readonly triesCookie?: boolean } = {},
): Promise<ClusterSettings> {
  const deadline = parseDuration(flags.deadline, '--deadline');
  const given = givenNodes(flags, environment);
  const selected = await selectContext(flags.context, environment, !isGiven(given));
  const nodes = arbitrate(given, selected?.saved.nodes, selected);
  if (nodes === undefined) throw nothingGiven('node', '--node', 'VMQCTL_NODE');
  // The key of the current context must not go to a foreign node that happens to be given with --node.
  const context =
    selected && (selected.named || isSubset(nodes, selected.saved.nodes)) ? selected : undefined;
  const apiKey = await arbitrateSecret(apiKeyPlaces(flags, context, environment), context, environment);
  const cookie = [...nodes, ...also].some(isErlangUrl)
    ? await findCookie(flags, context, environment)
    : triesCookie
      ? await arbitrateSecret(cookiePlaces(flags, context, environment), context, environment)
      : undefined;
  const header = givenBy(flags['api-key-header'], environment.VMQCTL_API_KEY_HEADER);
  return {
    nodes,
    ...(apiKey ? { apiKey } : {}),
    ...(cookie ? { cookie } : {}),
    ...epmdPort(environment),
    apiKeyHeader: arbitrate(header, context?.saved.apiKeyHeader, context) ?? 'basic',
    ...caFile(flags, context, environment),
    ...([...nodes, ...also].some(needsSsh) ? { ssh: sshSettings(flags, context, environment) } : {}),
    deadline,
    ...(context ? { context: context.saved.name } : {}),
  };
}

function givenNodes(flags: ClusterFlags, environment: NodeJS.ProcessEnv): Given<readonly string[]> {
  const { typed, twin } = givenBy(flags.node, environment.VMQCTL_NODE);
  return {
    typed: typed === undefined ? undefined : nodeUrls(typed, '--node'),
    twin: twin === undefined ? undefined : nodeUrls(twin, 'VMQCTL_NODE'),
  };
}

const isSubset = (some: readonly string[], all: readonly string[]) => some.every((one) => all.includes(one));

function apiKeyPlaces(
  flags: ClusterFlags,
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
) {
  return {
    flag: '--api-key-from',
    source: givenBy(flags['api-key-from'], environment.VMQCTL_API_KEY_FROM),
    ambient: environment.VMQCTL_API_KEY ? toSecret(environment.VMQCTL_API_KEY, 'VMQCTL_API_KEY') : undefined,
    saved: context?.saved.apiKeyFrom,
  };
}

function cookiePlaces(
  flags: ClusterFlags,
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
) {
  return {
    flag: '--cookie-from',
    source: givenBy(flags['cookie-from'], environment.VMQCTL_COOKIE_FROM),
    ambient: environment.VMQCTL_COOKIE ? toSecret(environment.VMQCTL_COOKIE, 'VMQCTL_COOKIE') : undefined,
    saved: context?.saved.cookieFrom,
  };
}

async function findCookie(
  flags: ClusterFlags,
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Secret> {
  const places = cookiePlaces(flags, context, environment);
  const cookie = await arbitrateSecret(places, context, environment);
  if (cookie) return cookie;
  throw new Failure(
    'configuration',
    'no_cookie',
    'an erl:// node is reached with its cookie, and none is given',
    {
      hint: 'It is distributed_cookie in vernemq.conf. Give --cookie-from file:PATH, VMQCTL_COOKIE_FROM or VMQCTL_COOKIE.',
    },
  );
}

function caFile(
  flags: { readonly 'ca-file'?: string | undefined },
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
): { caFile?: string } {
  const given = givenBy(flags['ca-file'], environment.VMQCTL_CA_FILE);
  const path = arbitrate(given, context?.saved.caFile, context);
  return path === undefined ? {} : { caFile: path };
}

/**
 * How to reach the Redis that flags, environment and saved contexts speak of.
 *
 * @throws Failure: configuration (no Redis, unknown or broken context, secret not to be had), usage (bad flag)
 */
export async function redisSettings(
  flags: RedisFlags,
  environment: NodeJS.ProcessEnv,
): Promise<RedisSettings> {
  const deadline = parseDuration(flags.deadline, '--deadline');
  const { given, urlPassword } = givenRedis(flags, environment);
  const selected = await selectContext(flags.context, environment, !isGiven(given));
  const url = arbitrate(given, selected?.saved.redis, selected);
  if (url === undefined) throw nothingGiven('Redis', '--redis', 'VMQCTL_REDIS');
  // As with nodes: the password of the current context is for its own Redis only.
  const context =
    selected && (selected.named || sameServer(url, selected.saved.redis)) ? selected : undefined;
  const places = redisPasswordPlaces(
    flags,
    context,
    environment,
    url === given.twin ? urlPassword : undefined,
  );
  const password = await arbitrateSecret(places, context, environment);
  return {
    url,
    ...(password ? { password } : {}),
    ...sentinelPassword(url, environment),
    ...caFile(flags, context, environment),
    deadline,
  };
}

/** A password inside the URL of VMQCTL_REDIS is split off at once, so that nothing can print it. */
function givenRedis(flags: RedisFlags, environment: NodeJS.ProcessEnv) {
  const { typed, twin } = givenBy(flags.redis, environment.VMQCTL_REDIS);
  const split = twin === undefined ? undefined : splitRedisUrl(twin, 'VMQCTL_REDIS');
  const given: Given<string> = { typed: typed && redisUrl(typed, '--redis'), twin: split?.url };
  return { given, urlPassword: split?.password };
}

function sameServer(one: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  const place = (url: string) => {
    const { kind, tls, servers, master } = readRedisUrl(url);
    return JSON.stringify([kind, tls, servers, master]);
  };
  return place(one) === place(other);
}

function redisPasswordPlaces(
  flags: RedisFlags,
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
  urlPassword: Secret | undefined,
) {
  const variable = environment.VMQCTL_REDIS_PASSWORD;
  return {
    flag: '--redis-password-from',
    source: givenBy(flags['redis-password-from'], environment.VMQCTL_REDIS_PASSWORD_FROM),
    ambient: variable ? toSecret(variable, 'VMQCTL_REDIS_PASSWORD') : urlPassword,
    saved: context?.saved.redisPasswordFrom,
  };
}
