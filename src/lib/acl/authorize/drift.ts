import type { CachedEntry, CachedLists } from '../../admin/rpc.js';
import { LIST_OF } from '../schema.js';
import { type ActionDecision, decidePublish, decideSubscribe } from './action.js';
import type { ClientAcl, Entry } from './client-acl.js';
import type { Decision } from './decision.js';
import { LARGEST_PAYLOAD } from './entry-reading.js';
import type { Rewrite } from './subscribe-modifiers.js';

/**
 * What a node has cached for the client, beside what Redis says.
 *
 * - `no_cache`: it keeps none, so it is no broker with vmq_diversity.
 * - `not_cached`: the client has not logged in there; its next login reads Redis. - `same`, `differs`: see `outcome`.
 * - `unreachable`: it did not answer, so nobody knows.
 */
export interface Drift {
  readonly node: string;
  readonly state: 'no_cache' | 'not_cached' | 'same' | 'differs' | 'unreachable';
  /** The lists that differ. */
  readonly lists: readonly string[];
  /** What the node decides by its cache, now; undefined for a mere login, which always reads Redis. */
  readonly outcome?: ActionDecision | undefined;
  /** Why it did not answer. */
  readonly why?: string | undefined;
}

/** @param cached null where the client is not cached, undefined where nothing is */
export function driftOf(node: string, cached: CachedLists | null | undefined, decision: Decision): Drift {
  if (!cached) return { node, state: cached === null ? 'not_cached' : 'no_cache', lists: [] };
  const held = toClientAcl(cached);
  const said = decision.connect.acl ?? { publish: [], subscribe: [] };
  const lists = (['publish', 'subscribe'] as const)
    .filter((action) => textOf(held[action]) !== textOf(said[action]))
    .map((action) => LIST_OF[action]);
  const isSame = lists.length === 0 && decision.connect.acl !== undefined;
  return { node, state: isSame ? 'same' : 'differs', lists, outcome: decideBy(held, decision) };
}

function decideBy(held: ClientAcl, { action, broker, client }: Decision): ActionDecision | undefined {
  if (action.type === 'connect') return undefined;
  return action.type === 'publish'
    ? decidePublish(held, action, broker)
    : decideSubscribe(held, action, client.protocol, broker);
}

const toClientAcl = ({ publish, subscribe }: CachedLists): ClientAcl => ({
  publish: publish.map((entry, index) => ({
    ...toEntry(entry, `cached publish_acl[${index}]`),
    ...changes(entry),
  })),
  subscribe: subscribe.map((entry, index) => ({
    ...toEntry(entry, `cached subscribe_acl[${index}]`),
    ...rewrites(entry),
  })),
});

function toEntry({ pattern, maxQos, maxPayloadSize, allowedRetain }: CachedEntry, field: string): Entry {
  return {
    field,
    pattern: pattern?.join('/'),
    levels: pattern,
    neverMatches: pattern ? undefined : 'it was rejected at the login',
    maxQos,
    maxPayloadSize: maxPayloadSize ?? LARGEST_PAYLOAD,
    allowedRetain,
    changes: undefined,
    rewrites: undefined,
    ignored: [],
  };
}

const changes = ({ modifiers }: CachedEntry): Pick<Entry, 'changes'> => ({
  changes: modifiers && Object.fromEntries(modifiers),
});

const rewrites = ({ modifiers }: CachedEntry): Pick<Entry, 'rewrites'> => ({
  rewrites: modifiers?.map(([topic, value]): Rewrite => {
    const qos: unknown = Array.isArray(value) ? value[0] : value;
    return { topic, qos: Number(qos), hasOptions: Array.isArray(value) };
  }),
});

/** The entries in one form, whether of a record or of a cache: two lists grant alike where it is the same text. */
const textOf = (entries: readonly Entry[]): string =>
  JSON.stringify(
    entries.map(({ levels, maxQos, maxPayloadSize, allowedRetain, changes, rewrites }) => [
      levels ?? null,
      maxQos,
      maxPayloadSize,
      allowedRetain,
      changes ? Object.entries(changes).map(comparable).sort() : null,
      rewrites ?? null,
    ]),
  );

/** Of what has parts, such as properties, no more than its name is compared. */
const comparable = ([name, value]: [string, unknown]): string =>
  JSON.stringify([name, typeof value === 'object' && value !== null ? '…' : (value ?? 'null')]);
