import type { ApiKeyHeader } from '../admin/http/key-header.js';
import { isErlangUrl } from '../admin/native/address.js';
import { needsSsh } from '../admin/ssh/address.js';
import { type AuthorityFile, readAuthorities } from '../ca-file.js';
import { Failure, type FailureKind } from '../failure.js';
import type { Secret } from '../secret.js';
import { epmdPort, plainHttpWarning } from './endpoint.js';
import type { SavedContext } from './schema.js';
import { readSecret, toSecret } from './secret-source.js';
import { sentinelPassword } from './sentinel-password.js';
import { type SshSettings, sshSettings } from './ssh-settings.js';

export interface Check {
  readonly name:
    | 'nodes'
    | 'api-key'
    | 'cookie'
    | 'redis-password'
    | 'ssh-password'
    | 'ca-file'
    | 'connect-node'
    | 'connect-redis';
  /** What was looked at: a URL, a path, a source. */
  readonly subject: string;
  readonly verdict: 'ok' | 'warning' | 'bad';
  readonly message: string;
  /** Why it is bad; null when it is not. */
  readonly kind: FailureKind | null;
}

export interface Validation {
  readonly name: string;
  readonly checks: readonly Check[];
  /** The worst kind of what is bad; null when the context will do. */
  readonly failure: FailureKind | null;
}

/**
 * Tries whether something answers at a URL.
 *
 * @returns what answered, for people
 * @throws Failure
 */
export type Probe = (url: string) => Promise<string>;

export interface NodeProbeOptions {
  readonly apiKey?: Secret | undefined;
  readonly apiKeyHeader: ApiKeyHeader;
  readonly cookie?: Secret | undefined;
  readonly epmdPort?: number | undefined;
  readonly ssh?: SshSettings | undefined;
  readonly authorities: AuthorityFile | undefined;
  /** Milliseconds. */
  readonly deadline: number;
}

export interface RedisProbeOptions {
  readonly password?: Secret | undefined;
  readonly sentinelPassword?: Secret;
  readonly caFile: string | undefined;
  /** Milliseconds. */
  readonly deadline: number;
}

/** How to try a connection: what a test replaces. */
export interface Probes {
  node(options: NodeProbeOptions): Probe;
  redis(options: RedisProbeOptions): Probe;
}

export interface ValidateOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds per probe. */
  readonly deadline: number;
  /** Without it, nothing is contacted. */
  readonly probes?: Probes | undefined;
}

/** Looks whether a context would work. What is wrong ends up in the report; only a bug is thrown. */
export async function validateContext(saved: SavedContext, options: ValidateOptions): Promise<Validation> {
  const apiKey = await secretCheck('api-key', saved.apiKeyFrom, options);
  const cookie = await cookieCheck(saved, options);
  const redisPassword = await secretCheck('redis-password', saved.redisPasswordFrom, options);
  const sshPassword = await secretCheck('ssh-password', saved.sshPasswordFrom, options);
  const authorities = await authoritiesCheck(saved, options);
  const checks = [
    nodesCheck(saved),
    apiKey.check,
    cookie.check,
    redisPassword.check,
    sshPassword.check,
    authorities.check,
  ].filter((check) => check !== undefined);
  // Without its secrets and authorities a probe would only repeat what is known to be bad.
  if (options.probes && !checks.some(({ verdict }) => verdict === 'bad')) {
    const { deadline, probes } = options;
    const apiKeyHeader = saved.apiKeyHeader ?? 'basic';
    checks.push(
      ...(await nodeChecks(
        saved,
        probes.node({
          deadline,
          authorities: authorities.value,
          apiKey: apiKey.value,
          apiKeyHeader,
          cookie: cookie.value,
          ...epmdPort(options.environment),
          ssh: saved.nodes.some(needsSsh)
            ? sshSettings({}, { saved, named: true, typed: true }, options.environment)
            : undefined,
        }),
      )),
    );
    checks.push(
      ...(await redisChecks(
        saved,
        probes.redis({
          ...{ deadline, caFile: saved.caFile, password: redisPassword.value },
          ...(saved.redis === undefined ? {} : sentinelPassword(saved.redis, options.environment)),
        }),
      )),
    );
  }
  return { name: saved.name, checks, failure: worst(checks) };
}

interface Obtained<T> {
  readonly value?: T;
  /** Missing where there was nothing to look at. */
  readonly check?: Check;
}

function nodesCheck({ nodes, apiKeyFrom }: SavedContext): Check {
  const warning = apiKeyFrom === undefined ? undefined : plainHttpWarning(nodes);
  const subject = nodes.join(', ');
  if (warning) return { name: 'nodes', subject, verdict: 'warning', message: warning, kind: null };
  return ok('nodes', subject, nodes.length === 1 ? 'one URL' : `${nodes.length} URLs`);
}

async function secretCheck(
  name: 'api-key' | 'cookie' | 'redis-password' | 'ssh-password',
  source: string | undefined,
  { environment }: ValidateOptions,
): Promise<Obtained<Secret>> {
  if (source === undefined) return {};
  return await obtain(
    name,
    source,
    () => readSecret(source, name, environment),
    () => 'can be had',
  );
}

/** An `erl://` node cannot be reached without one; it may be in the environment of whoever uses the context. */
async function cookieCheck(
  { nodes, cookieFrom }: SavedContext,
  options: ValidateOptions,
): Promise<Obtained<Secret>> {
  if (cookieFrom !== undefined || !nodes.some(isErlangUrl)) {
    return await secretCheck('cookie', cookieFrom, options);
  }
  const { VMQCTL_COOKIE, VMQCTL_COOKIE_FROM } = options.environment;
  if (VMQCTL_COOKIE_FROM) return await secretCheck('cookie', VMQCTL_COOKIE_FROM, options);
  return await obtain(
    'cookie',
    'VMQCTL_COOKIE',
    async () => toSecret(VMQCTL_COOKIE ?? '', 'VMQCTL_COOKIE'),
    () => 'can be had',
  );
}

async function authoritiesCheck(
  { caFile }: SavedContext,
  { now }: ValidateOptions,
): Promise<Obtained<AuthorityFile>> {
  if (caFile === undefined) return {};
  const file = await obtain(
    'ca-file',
    caFile,
    () => readAuthorities(caFile, now),
    ({ certificates }) => `${certificates} certificates`,
  );
  const expired = file.value?.expired ?? [];
  if (expired.length === 0) return file;
  const message = `expired: ${expired.join('; ')}`;
  return { ...file, check: { name: 'ca-file', subject: caFile, verdict: 'warning', message, kind: null } };
}

/** One reachable node is enough, so the others are a warning then. */
async function nodeChecks({ nodes }: SavedContext, probe: Probe): Promise<Check[]> {
  const checks = await Promise.all(nodes.map((node) => connect('connect-node', node, probe)));
  if (!checks.some(({ verdict }) => verdict === 'ok')) return checks;
  return checks.map((check) =>
    check.kind === 'unreachable' ? { ...check, verdict: 'warning', kind: null } : check,
  );
}

async function redisChecks({ redis }: SavedContext, probe: Probe): Promise<Check[]> {
  return redis === undefined ? [] : [await connect('connect-redis', redis, probe)];
}

async function connect(name: Check['name'], url: string, probe: Probe): Promise<Check> {
  const { check } = await obtain(
    name,
    url,
    () => probe(url),
    (answer) => answer,
  );
  return check;
}

async function obtain<T>(
  name: Check['name'],
  subject: string,
  get: () => Promise<T>,
  say: (value: T) => string,
): Promise<Obtained<T> & { readonly check: Check }> {
  try {
    const value = await get();
    return { value, check: ok(name, subject, say(value)) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const message = thrown.hint ? `${thrown.message}. ${thrown.hint}` : thrown.message;
    return { check: { name, subject, verdict: 'bad', message, kind: thrown.kind } };
  }
}

const ok = (name: Check['name'], subject: string, message: string): Check => ({
  name,
  subject,
  verdict: 'ok',
  message,
  kind: null,
});

/** What the operator has to mend first decides the exit code. */
function worst(checks: readonly Check[]): FailureKind | null {
  const kinds = checks.flatMap(({ kind }) => kind ?? []);
  const order: readonly FailureKind[] = ['configuration', 'credentials', 'unreachable'];
  return order.find((kind) => kinds.includes(kind)) ?? kinds[0] ?? null;
}
