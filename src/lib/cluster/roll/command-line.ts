import { Failure } from '../../failure.js';
import { hostOf } from '../addresses.js';

/** What a shell takes as it stands, also within quotes. A URL may have a question mark in it, which finds no file. */
const PLAIN = /^[\w.:@%+,/?=[\]~-]+$/;

/**
 * The operator's command for one node: `{host}`, `{node}` and `{url}` stand for what it is.
 *
 * @throws Failure (data) where a shell would read something else in a name than a name
 */
export function commandFor(template: string, node: string, url: string): string {
  const values: Readonly<Record<string, string>> = { host: hostOf(node), node, url };
  return template.replace(/\{(host|node|url)\}/g, (_placeholder, name: string) => {
    const value = values[name] ?? '';
    if (PLAIN.test(value) && !value.startsWith('-')) return value;
    throw new Failure(
      'data',
      'unsafe_name',
      `{${name}} of ${node} has characters that a shell does not take as they are`,
      { hint: 'Leave that placeholder out of --run, or this node out of the roll. Nothing was changed.' },
    );
  });
}
