/**
 * The grammar of vernemq.conf, as cuttlefish has it (conf_parse.peg): which bytes of a line are its key and its value.
 * Like every parsing expression grammar it never takes a choice back, which decides what odd lines mean.
 */

export interface GrammarOptions {
  /** Whether `'''` quotes a value over several lines, and a byte order mark is passed over: cuttlefish 3.6, in VerneMQ 2.2. */
  readonly tripleQuotes: boolean;
}

export type Quoting = 'none' | 'single' | 'triple';

/** What a line holds, and the offset after it and its line end. */
export type Scanned =
  | {
      readonly kind: 'setting';
      readonly key: string;
      readonly value: string;
      readonly quoting: Quoting;
      /** Offsets of the value as it is written, with its quotes. */
      readonly from: number;
      readonly to: number;
      readonly end: number;
    }
  | { readonly kind: 'include'; readonly path: string; readonly end: number }
  | { readonly kind: 'comment' | 'blank'; readonly end: number };

const KEY_AND_EQUALS = /[ \t]*((?:\\\.|[A-Za-z0-9_-])+(?:\.(?:\\\.|[A-Za-z0-9_-])+)*)[ \t]*=[ \t]*/y;
const INCLUDE = /[ \t]*include[ \t]+([A-Za-z0-9\-_.*/]+)/y;
const COMMENT = /[ \t]*#(?:[^\r\n]|\r(?!\n))*/y;
const BLANKS = /[ \t]*/y;
const END_OF_LINE = /\r?\n|$/y;

/** The line that begins at `at`, or nothing where cuttlefish would give up. */
export function scanLine(text: string, at: number, options: GrammarOptions): Scanned | undefined {
  const setting = match(KEY_AND_EQUALS, text, at);
  const value = setting && scanValue(text, setting.end, options);
  if (setting && value) {
    const end = lineEnd(text, after(COMMENT, text, after(BLANKS, text, value.end)));
    const { text: taken, quoting, end: to } = value;
    return end === undefined
      ? undefined
      : { kind: 'setting', key: setting.group, value: taken, quoting, from: setting.end, to, end };
  }
  return scanInclude(text, at) ?? scanEmpty(text, at);
}

function scanInclude(text: string, at: number): Scanned | undefined {
  const include = match(INCLUDE, text, at);
  if (!include) return undefined;
  const end = lineEnd(text, after(COMMENT, text, include.end));
  return end === undefined ? undefined : { kind: 'include', path: include.group, end };
}

function scanEmpty(text: string, at: number): Scanned | undefined {
  const comment = match(COMMENT, text, at);
  const end = lineEnd(text, comment?.end ?? after(BLANKS, text, at));
  return end === undefined ? undefined : { kind: comment ? 'comment' : 'blank', end };
}

interface Value {
  readonly text: string;
  readonly quoting: Quoting;
  readonly end: number;
}

function scanValue(text: string, at: number, { tripleQuotes }: GrammarOptions): Value | undefined {
  const triple = tripleQuotes ? quoted(text, at, `'''`) : undefined;
  if (triple) return { ...triple, text: trimTriple(triple.text), quoting: 'triple' };
  const single = quoted(text, at, `'`);
  if (single) return { ...single, quoting: 'single' };
  const end = unquotedEnd(text, at);
  return end > at ? { text: text.slice(at, end), quoting: 'none', end } : undefined;
}

/** The closing quote may be on a later line; without one, the opening quote is a character of the value. */
function quoted(text: string, at: number, quote: string): { text: string; end: number } | undefined {
  if (!text.startsWith(quote, at)) return undefined;
  const close = text.indexOf(quote, at + quote.length);
  if (close === -1) return undefined;
  return { text: text.slice(at + quote.length, close), end: close + quote.length };
}

const trimTriple = (text: string) => text.replace(/^(?:'|\n|\r\n)+/, '').replace(/(?:'|\r\n|\n)+$/, '');

/** A value ends before the blanks in front of a line end or of a `#`, wherever that stands; not before those at the end of the file. */
function unquotedEnd(text: string, at: number): number {
  const stop = firstOf(text, at);
  if (stop === -1) return text.length;
  let end = text[stop] === '\n' && text[stop - 1] === '\r' && stop > at ? stop - 1 : stop;
  while (end > at && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return end;
}

function firstOf(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  const line = newline === -1 ? text.slice(at) : text.slice(at, newline);
  const hash = line.indexOf('#');
  return hash === -1 ? newline : at + hash;
}

function match(pattern: RegExp, text: string, at: number): { group: string; end: number } | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found ? { group: found[1] ?? '', end: pattern.lastIndex } : undefined;
}

const after = (pattern: RegExp, text: string, at: number): number => match(pattern, text, at)?.end ?? at;
const lineEnd = (text: string, at: number): number | undefined => match(END_OF_LINE, text, at)?.end;
