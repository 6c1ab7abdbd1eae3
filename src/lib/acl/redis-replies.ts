import type { FailureKind } from '../failure.js';

/** What an error reply of Redis means to the operator. */
export interface Meaning {
  readonly kind: FailureKind;
  readonly code: string;
  readonly says: string;
  readonly hint?: string;
}

export const PASSWORD_HINT =
  'Say where the password is with --redis-password-from, and give the user in the URL: redis://USER@HOST.';
const NOT_WANTED: Meaning = {
  kind: 'credentials',
  code: 'redis_password_not_wanted',
  says: 'knows no password, but one was given',
  hint: 'Leave the Redis password out, or look whether this is the right Redis.',
};
export const LATER = 'Try again in a moment.';

/** What Redis says, by the beginning of its reply. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /^NOAUTH/,
    { kind: 'credentials', code: 'redis_password_needed', says: 'wants a password', hint: PASSWORD_HINT },
  ],
  [
    /^WRONGPASS|^ERR invalid password/,
    {
      kind: 'credentials',
      code: 'redis_password_refused',
      says: 'refused the user or the password',
      hint: PASSWORD_HINT,
    },
  ],
  [/^ERR (AUTH <password> called without|Client sent AUTH, but no password)/, NOT_WANTED],
  [
    /^ERR wrong number of arguments for 'auth'/,
    {
      kind: 'credentials',
      code: 'redis_knows_no_users',
      says: 'is older than version 6 and knows no users',
      hint: 'Leave the user out of the URL.',
    },
  ],
  [
    /^NOPERM/,
    {
      kind: 'credentials',
      code: 'redis_permission',
      says: 'does not permit this to its user',
      hint: 'The user needs the commands get, set, del, watch, multi, exec, pttl, pexpire, exists, scan, mget, mset, msetnx, renamenx and type; in a cluster also cluster and asking, and for --wait-replicas wait.',
    },
  ],
  [
    /^DENIED/,
    {
      kind: 'credentials',
      code: 'redis_protected_mode',
      says: 'is in protected mode and takes only connections from its own host',
      hint: 'Set a password in Redis, or run vmqctl on its host.',
    },
  ],
  [
    /^WRONGTYPE/,
    {
      kind: 'data',
      code: 'wrong_type',
      says: 'holds no string under this key, so it is no record',
      hint: 'vmqctl acl set --replace writes a new record in its place.',
    },
  ],
  [
    /^OOM/,
    {
      kind: 'failed',
      code: 'redis_full',
      says: 'is full (maxmemory), nothing was written',
      hint: 'Give it more memory.',
    },
  ],
  [
    /^READONLY/,
    {
      kind: 'failed',
      code: 'redis_read_only',
      says: 'is a replica and takes no writes, nothing was written',
      hint: 'Give the URL of the primary; after a fail-over, that is another one.',
    },
  ],
  [
    /^(MISCONF|NOREPLICAS)/,
    {
      kind: 'failed',
      code: 'redis_refuses_writes',
      says: 'takes no writes at the moment, nothing was written',
      hint: 'Its log says why: it cannot save to disk, or has too few replicas.',
    },
  ],
  [
    /^LOADING/,
    { kind: 'unreachable', code: 'redis_loading', says: 'is still loading its data', hint: LATER },
  ],
  [
    /^(BUSY|MASTERDOWN|TRYAGAIN|ERR max number of clients)/,
    { kind: 'unreachable', code: 'redis_busy', says: 'cannot answer at the moment', hint: LATER },
  ],
  [
    /^(MOVED|ASK|CROSSSLOT)\b/,
    {
      kind: 'failed',
      code: 'redis_cluster',
      says: 'is one of a Redis Cluster, and what is asked for is with another one',
      hint: 'Give the cluster as redis+cluster://HOST:PORT. A broker cannot use one: see vmq_diversity.redis.host in its vernemq.conf.',
    },
  ],
  [
    /^CLUSTERDOWN/,
    {
      kind: 'unreachable',
      code: 'redis_cluster_down',
      says: 'is one of a Redis Cluster that is not whole',
      hint: 'redis-cli --cluster check HOST:PORT says which of its servers are missing.',
    },
  ],
  [
    /^ERR This instance has cluster support disabled/,
    {
      kind: 'configuration',
      code: 'no_redis_cluster',
      says: 'is no Redis Cluster',
      hint: 'Use redis:// instead of redis+cluster://.',
    },
  ],
  [
    /^ERR (DB index|invalid DB index|SELECT is not allowed)/,
    {
      kind: 'configuration',
      code: 'redis_no_database',
      says: 'has no database of this number',
      hint: 'Correct the number at the end of the URL.',
    },
  ],
];

/** Undefined for a reply that is not known. */
export const meaningOf = (message: string): Meaning | undefined =>
  MEANINGS.find(([beginning]) => beginning.test(message))?.[1];
