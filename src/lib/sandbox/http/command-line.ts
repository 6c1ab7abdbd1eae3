import type { Arguments } from '../commands/command.js';

/** A request as `vmq-admin` arguments: words from the path, then `key=value` and flags from the query, in order. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly tokens: readonly string[];
}

/** The three paths that are no command, but stand for one. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  sessions: ['session', 'show'],
  listeners: ['listener', 'show'],
  plugins: ['plugin', 'show'],
};

/** @param path what follows `/api/v1` */
export function commandLine(path: string, query: string): CommandLine {
  const words = path
    .split('/')
    .filter((word) => word !== '')
    .map(decode);
  const alias = words.length === 1 ? ALIASES[words[0] ?? ''] : undefined;
  return { words: alias ?? words, tokens: query === '' ? [] : query.split('&').map(decode) };
}

/**
 * Parses as the broker does: keys before flags; a long flag without `=` swallows the next token that is no flag.
 *
 * @returns null for what the broker answers with 400
 */
export function parseArguments(tokens: readonly string[]): Arguments | null {
  const keys = new Map<string, string>();
  const flags = new Map<string, string>();
  const rest = [...tokens];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token.startsWith('--')) {
      const [name = '', ...value] = token.slice(2).split('=');
      const swallows = value.length === 0 && rest[0] !== undefined && !rest[0].startsWith('-');
      flags.set(name, swallows ? (rest.shift() ?? '') : value.join('='));
    } else if (!addKey(token, keys, flags)) {
      return null;
    }
  }
  return { keys, flags };
}

/** Short flags, keys after flags and empty values are all the same mistake. Of `=` in a value only inner, single ones survive. */
function addKey(token: string, keys: Map<string, string>, flags: ReadonlyMap<string, string>): boolean {
  const [name = '', ...value] = token.split('=').filter((part) => part !== '');
  if (token.startsWith('-') || flags.size > 0 || value.length === 0) return false;
  keys.set(name, value.join('='));
  return true;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
