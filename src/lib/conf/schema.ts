import { KEYS_BY_TYPE, NEW_IN_2_2_0 } from './keys.js';
import type { BrokerVersion } from './versions.js';

export interface KnownKey {
  /** With `$name` for the words that are free. */
  readonly name: string;
  /** What it takes; see values.ts. */
  readonly type: string;
  /** The first version that knows it, as far as it matters. */
  readonly since: BrokerVersion;
}

const NEW_KEYS = new Set(NEW_IN_2_2_0.trim().split(/\s+/));

const ALL_KEYS: readonly KnownKey[] = Object.entries(KEYS_BY_TYPE).flatMap(([type, names]) =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => ({ name, type, since: NEW_KEYS.has(name) ? ('2.2.0' as const) : ('2.1.2' as const) })),
);

const EXACT = new Map(ALL_KEYS.map((key) => [key.name, key]));
const PATTERNS = ALL_KEYS.filter(({ name }) => name.includes('$')).map((key) => ({
  key,
  words: key.name.split('.'),
}));

/** The words of a key; `\.` is a dot inside a word. */
export const keyWords = (key: string): string[] =>
  key.split(/(?<!\\)\./).map((word) => word.replaceAll('\\.', '.'));

/**
 * What a key is, in whichever version. A key that is spelt out has precedence over one with a free word, as in cuttlefish.
 * Of no key do two patterns speak: the golden test holds the table to that.
 */
export function findKey(key: string): KnownKey | undefined {
  const exact = EXACT.get(key);
  if (exact) return exact;
  const words = keyWords(key);
  return PATTERNS.find(({ words: pattern }) => matches(words, pattern))?.key;
}

const matches = (words: readonly string[], pattern: readonly string[]): boolean =>
  words.length === pattern.length &&
  pattern.every((expected, index) => expected.startsWith('$') || expected === words[index]);

/** All that one could have meant by a key: free words are filled in with those of the key itself. */
export function similarKeys(key: string): string[] {
  const words = keyWords(key);
  return ALL_KEYS.map(({ name }) =>
    name.includes('$')
      ? name
          .split('.')
          .map((word, index) => (word.startsWith('$') ? (words[index] ?? word) : word))
          .join('.')
      : name,
  );
}
