import { isAtom, isList } from '../erlang/term/construct.js';
import { Atom, Float, type Term, Tuple } from '../erlang/term/types.js';
import type { CachedEntry, CachedLists } from '../rpc.js';
import type { Call } from './leave-processes.js';

const CACHE = new Atom('vmq_diversity_cache');
const TABLES = {
  publish: new Atom('vmq_diversity_pub_cache'),
  subscribe: new Atom('vmq_diversity_sub_cache'),
};

/** Erlang's `_` and `$1` of a match specification. */
const ANY = new Atom('_');
const KEY = new Atom('$1');

/**
 * What a node has cached for a client (vmq_diversity_cache.erl, 2.1.2): of several rows the latest, as the node itself
 * takes it. Its own `entries/2` fails where there are several.
 *
 * @returns undefined where it has no such cache, null where the client is not in it, `garbled` for what is no such table
 * @throws whatever the call does
 */
export async function readAclCache(
  call: Call,
  mountpoint: string,
  clientId: string,
): Promise<CachedLists | null | undefined | 'garbled'> {
  if (isAtom(await call('ets', 'whereis', [CACHE]), 'undefined')) return undefined;
  const rows = await call('ets', 'select', [CACHE, specification(mountpoint, clientId)]);
  if (!isList(rows)) return 'garbled';
  const row = rows.at(-1);
  if (row === undefined) return null;
  const [, publish, subscribe] = row instanceof Tuple ? row.elements : [];
  if (!isList(publish) || !isList(subscribe)) return 'garbled';
  const [one, other] = await Promise.all([
    readEntries(call, 'publish', publish),
    readEntries(call, 'subscribe', subscribe),
  ]);
  return { publish: one, subscribe: other };
}

/** Rows are `{{{Mountpoint, ClientId}, Time}, PublishHashes, SubscribeHashes}`, in the order of time. */
function specification(mountpoint: string, clientId: string): Term {
  const key = new Tuple([Buffer.from(mountpoint), Buffer.from(clientId)]);
  const head = new Tuple([new Tuple([KEY, ANY]), ANY, ANY]);
  const isOurs = new Tuple([new Atom('=:='), KEY, new Tuple([new Atom('const'), key])]);
  return [new Tuple([head, [isOurs], [new Atom('$_')]])];
}

/** An entry that went meanwhile is left out, as the node itself does it. */
async function readEntries(
  call: Call,
  action: keyof typeof TABLES,
  hashes: readonly Term[],
): Promise<CachedEntry[]> {
  const found = await Promise.all(hashes.map((hash) => call('ets', 'lookup', [TABLES[action], hash])));
  return found.flatMap((rows) => {
    const [row] = isList(rows) ? rows : [];
    const entry = row instanceof Tuple ? row.elements[1] : undefined;
    return entry instanceof Tuple ? [readEntry(entry.elements, action)] : [];
  });
}

function readEntry(fields: readonly Term[], action: keyof typeof TABLES): CachedEntry {
  const [, pattern, maxQos, ...rest] = fields;
  const [maxPayloadSize, allowedRetain, modifiers] = action === 'publish' ? rest : [undefined, 1, ...rest];
  return {
    pattern: isList(pattern) ? pattern.map(textOf) : undefined,
    maxQos: numberOf(maxQos),
    ...(maxPayloadSize === undefined ? {} : { maxPayloadSize: numberOf(maxPayloadSize) }),
    allowedRetain: allowedRetain === 1,
    modifiers: isList(modifiers) ? modifiers.map(readModifier) : undefined,
  };
}

/** A pair: of a name and a value to publish; of a topic and a QoS, or a QoS with options, to subscribe. */
function readModifier(modifier: Term): readonly [string, unknown] {
  const [name, value] = modifier instanceof Tuple ? modifier.elements : [];
  return [name instanceof Atom ? name.name : wordsOf(name), plainOf(value)];
}

function plainOf(value: Term | undefined): unknown {
  if (typeof value === 'number') return value;
  if (value instanceof Float) return value.value;
  if (value instanceof Uint8Array) return textOf(value);
  if (value instanceof Atom)
    return value.name === 'true' || value.name === 'false' ? value.name === 'true' : value.name;
  if (value instanceof Tuple) return value.elements.map(plainOf);
  if (!isList(value)) return {};
  return value.some((item) => item instanceof Uint8Array) ? wordsOf(value) : charsOf(value);
}

const wordsOf = (term: Term | undefined): string => (isList(term) ? term.map(textOf).join('/') : '');

/** A string of Erlang's: of its characters. */
const charsOf = (list: readonly Term[]): string =>
  String.fromCodePoint(...list.filter((item) => typeof item === 'number'));

const textOf = (term: Term): string => (term instanceof Uint8Array ? Buffer.from(term).toString('utf8') : '');

const numberOf = (term: Term | undefined): number => (typeof term === 'number' ? term : Number.NaN);
