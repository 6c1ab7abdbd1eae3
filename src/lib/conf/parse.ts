import { type GrammarOptions, type Quoting, scanLine } from './grammar.js';

interface Part {
  /** Its first line, counted from 1. */
  readonly line: number;
  /** As it stands in the file, with its line end. */
  readonly text: string;
}

/** `key = value`. */
export interface Setting extends Part {
  readonly kind: 'setting';
  readonly key: string;
  /** Without its quotes, and without the comment after it. */
  readonly value: string;
  readonly quoting: Quoting;
  /** Where `text` has the value, quotes included. */
  readonly span: readonly [from: number, to: number];
}

/** `include conf.d/*.conf`. */
export interface Include extends Part {
  readonly kind: 'include';
  readonly path: string;
}

/** A line without meaning, or one that cuttlefish does not understand: the broker does not start. */
export interface Other extends Part {
  readonly kind: 'comment' | 'blank' | 'broken';
}

export type Element = Setting | Include | Other;

const NEWEST: GrammarOptions = { tripleQuotes: true };
const BYTE_ORDER_MARK = '\ufeff';

/** Takes a file apart. Nothing is lost: `renderConf(parseConf(text)) === text`, whatever the text is. */
export function parseConf(text: string, options: GrammarOptions = NEWEST): Element[] {
  const elements: Element[] = [];
  let at = 0;
  let line = 1;
  if (options.tripleQuotes && text.startsWith(BYTE_ORDER_MARK)) {
    elements.push({ kind: 'blank', line, text: BYTE_ORDER_MARK });
    at = 1;
  }
  while (at < text.length) {
    const element = elementAt(text, at, line, options);
    elements.push(element);
    at += element.text.length;
    line += element.text.split('\n').length - 1;
  }
  return elements;
}

export const renderConf = (elements: readonly Element[]): string => elements.map(({ text }) => text).join('');

function elementAt(text: string, at: number, line: number, options: GrammarOptions): Element {
  const scanned = scanLine(text, at, options);
  if (!scanned) return { kind: 'broken', line, text: restOfLine(text, at) };
  const part = { line, text: text.slice(at, scanned.end) };
  switch (scanned.kind) {
    case 'setting': {
      const { kind, key, value, quoting, from, to } = scanned;
      return { kind, ...part, key, value, quoting, span: [from - at, to - at] };
    }
    case 'include':
      return { kind: 'include', ...part, path: scanned.path };
    default:
      return { kind: scanned.kind, ...part };
  }
}

/** cuttlefish stops at such a line; here the next one is tried, so that all of them can be told at once. */
function restOfLine(text: string, at: number): string {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.slice(at) : text.slice(at, newline + 1);
}
