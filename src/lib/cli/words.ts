import { Failure } from '../failure.js';
import { didYouMean } from '../suggest.js';

/**
 * What a `key=value` word of `vmq-admin`'s grammar stands for: a value of its own, several of them, which end up with commas
 * in between, or the flag of the same name.
 */
export type WordKind = 'word' | 'list' | 'flag';

export interface SplitArguments {
  /** What is left for the flag parser. */
  readonly argv: string[];
  readonly words: Readonly<Record<string, string>>;
}

/**
 * Takes the `key=value` words of `vmq-admin`'s grammar out of the arguments. Everything after the first `=` is the
 * value: unlike the broker's own parser, nothing of it is lost.
 *
 * @param takesValue whether this token is a flag whose value is the next token
 * @throws Failure (usage) for an unknown key, an empty value or a key given twice
 */
export function splitWords(
  argv: readonly string[],
  kinds: Readonly<Record<string, WordKind>>,
  takesValue: (token: string) => boolean,
): SplitArguments {
  const rest: string[] = [];
  const words: Record<string, string> = {};
  for (const [index, token] of argv.entries()) {
    if (token === '--') return { argv: [...rest, ...argv.slice(index)], words };
    const match = /^([A-Za-z][\w-]*)=(.*)$/s.exec(token);
    const previous = argv[index - 1];
    if (!match || (previous !== undefined && takesValue(previous))) {
      rest.push(token);
      continue;
    }
    const [, key = '', value = ''] = match;
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
    if (kind === undefined) throw unknownWord(key, Object.keys(kinds));
    if (kind === 'flag') {
      rest.push(`--${key}=${value}`);
      continue;
    }
    if (value === '') throw new Failure('usage', 'empty_value', `${key}= has no value`);
    const before = Object.hasOwn(words, key) ? words[key] : undefined;
    if (before !== undefined && kind !== 'list')
      throw new Failure('usage', 'repeated_word', `${key}= is given twice`);
    words[key] = before === undefined ? value : `${before},${value}`;
  }
  return { argv: rest, words };
}

function unknownWord(key: string, known: readonly string[]): Failure {
  const list =
    known.length > 0
      ? `Known here: ${known.map((name) => `${name}=`).join(', ')}.`
      : 'This command takes none.';
  return new Failure('usage', 'unknown_word', `${key}= means nothing here${didYouMean(key, known, '=')}`, {
    hint: list,
  });
}
