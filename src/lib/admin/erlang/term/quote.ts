/** Atoms that need no quotes, by their letters. */
const PLAIN_ATOM = /^[a-z][a-zA-Z0-9_@]*$/;
const RESERVED = new Set(
  'after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let maybe not of or orelse receive rem try when xor else'.split(
    ' ',
  ),
);

const ESCAPES = new Map([
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
]);

/** Control characters, those that turn the direction of writing, unassigned ones, and what ends a line. */
const NOT_PRINTED = /[\p{C}\p{Zl}\p{Zp}]/u;
const NOT_PRINTED_EACH = new RegExp(NOT_PRINTED.source, 'gu');

/** Whether Erlang would show these characters as a string. U+FFFD stands for bytes that were none. */
export function isPrintable(text: string): boolean {
  if (!NOT_PRINTED.test(text) && !text.includes('\ufffd')) return true;
  return Array.from(text).every(
    (character) => ESCAPES.has(character) || !(NOT_PRINTED.test(character) || character === '\ufffd'),
  );
}

export const quotedString = (text: string): string => `"${escaped(text, '"')}"`;

export function atomText(name: string): string {
  return PLAIN_ATOM.test(name) && !RESERVED.has(name) ? name : `'${escaped(name, "'")}'`;
}

/** As the inside of quotes; nothing in it moves a terminal's cursor. */
export function escaped(text: string, quote: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(NOT_PRINTED_EACH, (character) => ESCAPES.get(character) ?? hexEscape(character));
}

const hexEscape = (character: string): string => `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`;
