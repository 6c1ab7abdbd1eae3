import { Failure } from '../../failure.js';

/** One line of an OpenSSH configuration. */
export interface Directive {
  /** In lower case. */
  readonly keyword: string;
  readonly arguments: readonly string[];
  /** `path:number`, for messages. */
  readonly where: string;
}

/**
 * Splits a configuration into its directives, as ssh does: `keyword arguments` or `keyword=arguments`, quotes, backslashes,
 * comments.
 *
 * @throws Failure (configuration): a quote that does not end, a keyword without a value
 */
export function parseLines(text: string, path: string): Directive[] {
  return text.split('\n').flatMap((line, index) => {
    const [, keyword, rest = ''] = /^[\s"]*([^\s="#]+)"?\s*=?\s*(.*)$/.exec(line.trim()) ?? [];
    if (keyword === undefined || line.trim().startsWith('#')) return [];
    const where = `${path}:${index + 1}`;
    const words = splitWords(rest);
    if (words === undefined) throw badLine(where, 'has a quote that does not end');
    if (words.length === 0) throw badLine(where, `has no value for ${keyword}`);
    return [{ keyword: keyword.toLowerCase(), arguments: words, where }];
  });
}

export const badLine = (where: string, problem: string): Failure =>
  new Failure('configuration', 'bad_ssh_config', `${where} ${problem}`, {
    hint: 'Correct the line; `ssh -G HOST` shows what ssh makes of the file.',
  });

/** Follows OpenSSH's `argv_split` (misc.c). */
function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    if (/\s/.test(character)) {
      position += 1;
      continue;
    }
    if (character === '#') break;
    const word = readWord(text, position);
    if (word === undefined) return undefined;
    words.push(word.text);
    position = word.end;
  }
  return words;
}

function readWord(text: string, start: number): { text: string; end: number } | undefined {
  let word = '';
  let quote = '';
  let position = start;
  for (; position < text.length; position += 1) {
    const character = text.charAt(position);
    const next = text.charAt(position + 1);
    if (quote === '' && /\s/.test(character)) break;
    if (character === '\\' && (/['"\\]/.test(next) || (quote === '' && next === ' '))) {
      word += next;
      position += 1;
    } else if (quote === '' && /['"]/.test(character)) quote = character;
    else if (character === quote) quote = '';
    else word += character;
  }
  return quote === '' ? { text: word, end: position } : undefined;
}
