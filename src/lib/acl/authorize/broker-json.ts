import { JsonCursor, NotReadable } from './json-cursor.js';

/** The text as the broker's JSON reader takes it. The reason never shows what the text holds. */
export type BrokerJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/** Where the two readers may differ although the text is strict JSON: halves of surrogate pairs, and numbers out of range. */
const MAY_DIFFER = /\\u[dD]|[eE]\+?\d{3}/;

/**
 * Reads a record as the broker's JSON reader does. It takes more than JSON: a byte-order mark, comments, a comma after the
 * last item, single quotes, raw control characters, unknown escapes; of a member that is there twice the last counts.
 */
export function readBrokerJson(text: string): BrokerJson {
  if (!MAY_DIFFER.test(text)) {
    const value = strictly(text);
    if (value !== undefined) return { ok: true, value };
  }
  return readLeniently(text, () => undefined);
}

/**
 * The same, a character at a time.
 *
 * @param remark is told each thing that is not JSON, such as `a comment`
 */
export function readLeniently(text: string, remark: (what: string) => void): BrokerJson {
  try {
    return { ok: true, value: new Reader(text, remark).document() };
  } catch (error) {
    if (error instanceof NotReadable) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Undefined for what is not strict JSON. */
function strictly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** No record is nested deeper. It bounds the recursion. */
export const DEEPEST = 500;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const LITERALS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };
const PLAIN = /[^"'\\]+/y;
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
};
const HEX = /u([0-9a-fA-F]{4})/y;
const REPLACEMENT = '\uFFFD';

class Reader extends JsonCursor {
  private depth = 0;

  document(): unknown {
    if (this.text.startsWith('\uFEFF')) {
      this.at = 1;
      this.remark('a byte-order mark');
    }
    const value = this.value();
    this.done = true;
    if (this.skip() !== '') throw this.unreadable();
    return value;
  }

  private value(): unknown {
    const next = this.skip();
    if (next === '"' || next === "'") return this.string();
    if (next === '{') return this.nested(() => this.object());
    if (next === '[') return this.nested(() => this.array());
    const literal = this.take(LITERAL);
    return literal ? LITERALS[literal[0]] : this.number();
  }

  private nested<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > DEEPEST) throw new NotReadable(`it is nested deeper than ${DEEPEST} levels`);
    const value = read();
    this.depth -= 1;
    return value;
  }

  private number(): number {
    const match = this.take(NUMBER);
    const value = match ? Number(match[0]) : Number.NaN;
    const isFloat = match?.[1] !== undefined || match?.[2] !== undefined;
    if (Number.isNaN(value) || (isFloat && !Number.isFinite(value))) throw this.unreadable();
    return value;
  }

  private array(): unknown[] {
    const items: unknown[] = [];
    this.at += 1;
    while (!this.closes(']', items.length > 0)) {
      items.push(this.value());
      if (this.ends(']')) break;
    }
    return items;
  }

  private object(): Record<string, unknown> {
    const members = new Map<string, unknown>();
    this.at += 1;
    while (!this.closes('}', members.size > 0)) {
      const name = this.string();
      if (this.skip() !== ':') throw this.unreadable();
      this.at += 1;
      if (members.has(name)) this.remark(`the member ${JSON.stringify(name)} twice`);
      members.set(name, this.value());
      if (this.ends('}')) break;
    }
    return Object.fromEntries(members);
  }

  /** Whether the container closes where an item might begin. */
  private closes(end: string, afterComma: boolean): boolean {
    if (this.skip() !== end) return false;
    if (afterComma) this.remark('a comma after the last item');
    this.at += 1;
    return true;
  }

  /** After an item: whether the container ends here, or a comma follows. */
  private ends(end: string): boolean {
    const next = this.skip();
    if (next !== end && next !== ',') throw this.unreadable();
    this.at += 1;
    return next === end;
  }

  private string(): string {
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") throw this.unreadable();
    if (quote === "'") this.remark('single quotes');
    this.at += 1;
    let text = '';
    for (;;) {
      text += this.take(PLAIN)?.[0] ?? '';
      const next = this.text[this.at];
      if (next === undefined) throw this.unreadable();
      this.at += 1;
      if (next === quote) break;
      text += next === '\\' ? this.escape() : next;
    }
    return text.replace(/\p{Surrogate}/gu, REPLACEMENT);
  }

  /** What stands after a backslash. Before anything unknown the backslash stands for itself. */
  private escape(): string {
    const code = this.take(HEX)?.[1];
    if (code !== undefined) return this.codePoint(Number.parseInt(code, 16));
    const next = ESCAPES[this.text[this.at] ?? ''];
    if (next === undefined) {
      this.remark('an unknown escape');
      return '\\';
    }
    this.at += 1;
    return next;
  }

  /** The first half of a pair, with no second half after it, makes one unit of text unknown, or two, or all of it. */
  private codePoint(unit: number): string {
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    if (unit > 0xdbff || this.text[this.at] !== '\\') return REPLACEMENT;
    this.at += 1;
    const second = Number.parseInt(this.take(HEX)?.[1] ?? '', 16);
    if (Number.isNaN(second)) throw this.unreadable();
    const isPair = second >= 0xdc00 && second <= 0xdfff;
    return isPair ? String.fromCharCode(unit, second) : REPLACEMENT + REPLACEMENT;
  }
}
