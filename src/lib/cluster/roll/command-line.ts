import { Failure } from '../../failure.js';
import { hostOf } from '../addresses.js';

const PLACEHOLDERS = /\{(host|node|url)\}/g;

/** What a shell takes as it stands, also within quotes. */
const PLAIN = /^[\w.:@%+,/=-]+$/;
/** A question mark and brackets find files, but none whose path begins with the scheme of a URL. */
const PLAIN_URL = /^(http|https|erl|ssh):\/\/[\w.:@%+,/?=[\]-]+$/;

/**
 * The operator's command for one node: `{host}`, `{node}` and `{url}` stand for what it is.
 *
 * @throws Failure (data) where a shell would read something else in a name than a name
 */
export function commandFor(template: string, node: string, url: string): string {
  const values: Readonly<Record<string, string>> = { host: hostOf(node), node, url };
  return template.replace(PLACEHOLDERS, (_placeholder, name: string) => {
    const value = values[name] ?? '';
    if ((name === 'url' ? PLAIN_URL : PLAIN).test(value) && !value.startsWith('-')) return value;
    throw new Failure(
      'data',
      'unsafe_name',
      `{${name}} of ${node} has characters that a shell does not take as they are`,
      { hint: 'Leave that placeholder out of --run, or this node out of the roll. Nothing was changed.' },
    );
  });
}

/** @throws Failure (usage) for a command that would do the same for each node */
export function refuseSameForAll(template: string, nodes: readonly string[]): void {
  if (nodes.length < 2 || template.search(PLACEHOLDERS) !== -1) return;
  throw new Failure(
    'usage',
    'no_placeholder',
    `--run names no node: the same command would be run for each of ${nodes.join(', ')}`,
    { hint: 'Say by {host}, {node} or {url} which one it is for. Nothing was changed.' },
  );
}
