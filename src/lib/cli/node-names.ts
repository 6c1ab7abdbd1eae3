import { Failure } from '../failure.js';

/**
 * The names in `node=a node=b,c`; none where there is no such word, which commands take for all that they are about.
 *
 * @throws Failure (usage) for a name that is empty, as of an unset variable, and for one that is named twice
 */
export function parseNodeNames(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const names = text.split(',');
  if (names.includes(''))
    throw new Failure('usage', 'missing_node', `node=${text} names a node that has no name`, {
      hint: 'Name each node, such as node=VerneMQ@172.16.16.13; without node=, all are meant.',
    });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new Failure('usage', 'repeated_node', `${twice} is named twice`, { hint: 'Name each node once.' });
}
