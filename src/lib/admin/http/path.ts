import type { AdminCommand } from '../rpc.js';

/** Where the management API is mounted. */
export const API_ROOT = '/api/v1';

/**
 * The request path of a command: words, then `key=value`, then long flags, because the broker's parser reads a key
 * after a flag as that flag's value (vernemq.md §3.2).
 */
export function commandPath(command: AdminCommand): string {
  const words = command.words.map(encodeURIComponent).join('/');
  const pairs = (command.arguments ?? []).map(
    ([key, value]) => `${encodeURIComponent(key)}=${encodeValue(value)}`,
  );
  const flags = (command.flags ?? []).map(([name, value]) =>
    value === true ? `--${encodeURIComponent(name)}` : `--${encodeURIComponent(name)}=${encodeValue(value)}`,
  );
  const query = [...pairs, ...flags].join('&');
  return `${API_ROOT}/${words}${query ? `?${query}` : ''}`;
}

/** Reads a request path back into a command; undefined when it is not one of the management API. */
export function parseCommandPath(path: string): AdminCommand | undefined {
  const [route = '', query = ''] = path.split(/\?(.*)/s, 2);
  if (route !== API_ROOT && !route.startsWith(`${API_ROOT}/`)) return undefined;
  const words = route.slice(API_ROOT.length).split('/').filter(Boolean).map(decode);
  const pairs = query.split('&').filter(Boolean).map(splitPair);
  return {
    words,
    arguments: pairs
      .filter(([key]) => !key.startsWith('-'))
      .map(([key, value]) => [key, value ?? ''] as const),
    flags: pairs
      .filter(([key]) => key.startsWith('-'))
      .map(([key, value]) => [key.replace(/^--?/, ''), value ?? true] as const),
  };
}

/** `@` and `:` are part of every node name and address: left as they are, the path reads as the documentation writes it. */
const encodeValue = (value: string) =>
  encodeURIComponent(value).replaceAll('%40', '@').replaceAll('%3A', ':');

function splitPair(pair: string): [string, string | undefined] {
  const [key = '', value] = pair.split(/=(.*)/s, 2);
  return [decode(key), value === undefined ? undefined : decode(value)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded: as it stands
  }
}
