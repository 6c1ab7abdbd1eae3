import { Failure } from '../../failure.js';

/** A word as every shell that a login can have reads it back: what is not plainly harmless stands in single quotes. */
export const shellQuoted = (word: string): string =>
  /^[\w@%+:,./-][\w@%+:,./=-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

export const shellLine = (words: readonly string[]): string => words.map(shellQuoted).join(' ');

/**
 * Splits text into words as a POSIX shell does (Shell Command Language, section 2.2), with single quotes, double quotes
 * and backslashes; nothing is expanded.
 *
 * @param flag what the operator called it, for messages
 * @throws Failure (usage) when a quote does not end, or there is no word
 */
export function splitWords(text: string, flag: string): string[] {
  const words: string[] = [];
  const token = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;
  let word: string | undefined;
  let end = 0;
  for (const [whole, single, double, escaped, plain] of text.matchAll(token)) {
    end += whole.length;
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? '') + part;
    else if (word !== undefined) words.push(word);
    if (part === undefined) word = undefined;
  }
  if (word !== undefined) words.push(word);
  if (end === text.length && words.length > 0) return words;
  throw new Failure(
    'usage',
    'bad_command_prefix',
    `${flag} is no command: a quote does not end, or it is empty`,
    {
      hint: 'Give a command such as "docker exec -i vernemq".',
    },
  );
}
