import { StringDecoder } from 'node:string_decoder';
import { atomText, escaped, isPrintable, quotedString } from './quote.js';
import {
  Atom,
  BitString,
  ErlangMap,
  Export,
  Float,
  Fun,
  ImproperList,
  OldFun,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from './types.js';

export interface FormatOptions {
  /** The most characters of the text, after which `...` stands for the rest. Default 300. */
  readonly maxLength?: number;
  /** Terms that are deeper than this in each other become `...`. Default 20. */
  readonly maxDepth?: number;
  /** Strings, binaries, lists and maps become `…`, for texts that must not tell what may be secret. */
  readonly isDiscreet?: boolean;
}

/**
 * A term in one line, as Erlang's `~tp` writes it: `{error,{noproc,"what",<<"bytes">>}}`. Pids, references and ports
 * have their node's name, for there are no node numbers here. Characters that could move a terminal's cursor are
 * escaped.
 */
export function formatTerm(term: Term, options: FormatOptions = {}): string {
  const maxLength = options.maxLength ?? 300;
  const formatter = new Formatter(maxLength, options.maxDepth ?? 20, options.isDiscreet ?? false);
  formatter.term(term, 0);
  return formatter.result();
}

class Formatter {
  private text = '';

  constructor(
    private readonly maxLength: number,
    private readonly maxDepth: number,
    private readonly isDiscreet: boolean,
  ) {}

  result(): string {
    return this.isFull() ? `${cut(this.text, this.maxLength)}...` : this.text;
  }

  term(term: Term, depth: number): void {
    if (this.isFull()) return;
    const leaf = leafText(term) ?? (this.isDiscreet ? hiddenText(term) : this.stringText(term));
    if (leaf !== undefined) this.text += leaf;
    else if (depth >= this.maxDepth) this.text += '...';
    else this.compound(term, depth + 1);
  }

  private compound(term: Term, depth: number): void {
    if (term instanceof Tuple) this.sequence('{', term.elements, '}', depth);
    else if (Array.isArray(term)) this.sequence('[', term, ']', depth);
    else if (term instanceof ErlangMap) this.map(term, depth);
    else if (term instanceof ImproperList) this.improperList(term, depth);
  }

  private sequence(before: string, items: readonly Term[], after: string, depth: number): void {
    this.text += before;
    for (const [index, item] of items.entries()) {
      if (this.isFull()) return;
      if (index > 0) this.text += ',';
      this.term(item, depth);
    }
    this.text += after;
  }

  private improperList({ elements, tail }: ImproperList, depth: number): void {
    this.sequence('[', elements, '|', depth);
    this.term(tail, depth);
    this.text += ']';
  }

  private map({ entries }: ErlangMap, depth: number): void {
    this.text += '#{';
    for (const [index, [key, value]] of entries.entries()) {
      if (this.isFull()) return;
      if (index > 0) this.text += ',';
      this.term(key, depth);
      this.text += ' => ';
      this.term(value, depth);
    }
    this.text += '}';
  }

  /** Lists and binaries that are text, which is looked at only as far as it can be shown. */
  private stringText(term: Term): string | undefined {
    if (Array.isArray(term)) return listText(term.slice(0, this.maxLength + 1));
    if (term instanceof Uint8Array) return binaryText(term, this.maxLength + 1);
    if (term instanceof BitString) return bitStringText(term, this.maxLength + 1);
    return undefined;
  }

  private isFull(): boolean {
    return this.text.length > this.maxLength;
  }
}

/** All that is no leaf but tuples, whose elements are looked at one by one. */
function hiddenText(term: Term): string | undefined {
  if (term instanceof Tuple) return undefined;
  return Array.isArray(term) && term.length === 0 ? '[]' : '…';
}

/** What has no elements. */
function leafText(term: Term): string | undefined {
  if (typeof term === 'number' || typeof term === 'bigint') return String(term);
  if (term instanceof Atom) return atomText(term.name);
  if (term instanceof Float) return floatText(term.value);
  if (term instanceof Pid) return `<${nodeText(term.node)}.${term.id}.${term.serial}>`;
  if (term instanceof Port) return `#Port<${nodeText(term.node)}.${term.id}>`;
  if (term instanceof Reference) return `#Ref<${nodeText(term.node)}.${[...term.ids].reverse().join('.')}>`;
  if (term instanceof Export)
    return `fun ${atomText(term.module.name)}:${atomText(term.name.name)}/${term.arity}`;
  if (term instanceof Fun) return `#Fun<${atomText(term.module.name)}.${term.index}.${term.oldUnique}>`;
  if (term instanceof OldFun) return `#Fun<${atomText(term.module.name)}.${term.index}.${term.unique}>`;
  return undefined;
}

const nodeText = (node: Atom): string => escaped(node.name, "'");

/** Erlang always writes the point: 1.0, 1.0e21. */
function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponent] = String(value).split('e');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent.replace('+', '')}`;
}

/** A string, where all are characters of Latin-1: [1883,8888] is no text. Erlang does the same. */
function listText(list: readonly Term[]): string | undefined {
  if (list.length === 0) return '[]';
  if (!list.every(isLatin1)) return undefined;
  const text = Buffer.from(list).toString('latin1');
  return isPrintable(text) ? quotedString(text) : undefined;
}

const isLatin1 = (term: Term): term is number =>
  typeof term === 'number' && Number.isInteger(term) && term >= 0 && term <= 255;

function binaryText(bytes: Uint8Array, maxLength: number): string {
  // A character that is cut in two is left out, which is beyond what is shown.
  const shown = bytes.subarray(0, maxLength * 4);
  const text = new StringDecoder('utf8').write(Buffer.from(shown));
  const isIncomplete = shown.length === bytes.length && Buffer.byteLength(text) < bytes.length;
  if (isIncomplete || !isPrintable(text)) return `<<${shown.join(',')}>>`;
  if (text === '') return '<<>>';
  return /^[\0-\x7f]*$/.test(text) ? `<<${quotedString(text)}>>` : `<<${quotedString(text)}/utf8>>`;
}

function bitStringText({ bytes, bits }: BitString, maxLength: number): string {
  const last = (bytes.at(-1) ?? 0) >> (8 - bits);
  return `<<${[...bytes.subarray(0, -1).subarray(0, maxLength), `${last}:${bits}`].join(',')}>>`;
}

/** The first characters, without half of a pair at the end. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
