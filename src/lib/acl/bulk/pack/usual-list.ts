import { type ByteClass, classOf, DOLLAR, Literal, QUOTE, type Source } from './bytes.js';

/** What a pattern may consist of and needs no escape in JSON. */
const PATTERN: ByteClass = classOf(' !#-[\\]-~');

const SLASH = 0x2f;
const HASH = 0x23;
const PLUS = 0x2b;
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BEGINNING = new Literal('{"pattern":"');
const END = new Literal('"}');
const MAX_QOS = new Literal('","max_qos":');
const BRACE = 0x7d;

/**
 * Where a list ends whose entries have a pattern, a `max_qos` or none, and nothing else: such a list is good for both
 * actions, and is written as it is. -1 for all others, which are not bad for that.
 */
export function usualListEnd(source: Source, from: number, maxDepth: number): number {
  const { bytes } = source;
  if (bytes[from] !== OPEN) return -1;
  if (bytes[from + 1] === CLOSE) return from + 2;
  let at = from;
  do {
    at = entryEnd(source, at + 1, maxDepth);
  } while (bytes[at] === COMMA);
  return bytes[at] === CLOSE ? at + 1 : -1;
}

function entryEnd(source: Source, from: number, maxDepth: number): number {
  const { bytes } = source;
  if (!BEGINNING.isAt(source, from)) return -1;
  const end = patternEnd(bytes, from + BEGINNING.length, maxDepth);
  if (end === -1) return -1;
  if (END.isAt(source, end)) return end + END.length;
  if (!MAX_QOS.isAt(source, end)) return -1;
  const digit = end + MAX_QOS.length;
  const isQos = bytes[digit] === 0x30 || bytes[digit] === 0x31 || bytes[digit] === 0x32;
  return isQos && bytes[digit + 1] === BRACE ? digit + 2 : -1;
}

/** Where a pattern ends that is surely good (see patternProblem): at its quote, or -1. */
function patternEnd(bytes: Uint8Array, from: number, maxDepth: number): number {
  // What begins with a dollar may be a shared subscription, which has rules of its own.
  if (bytes[from] === QUOTE || bytes[from] === DOLLAR) return -1;
  let levelStart = from;
  let depth = 1;
  let at = from;
  for (; ; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === SLASH) {
      depth += 1;
      levelStart = at + 1;
    } else if (byte === HASH || byte === PLUS) {
      const next = bytes[at + 1];
      // A wildcard is a level by itself, and # the last one.
      if (at !== levelStart || (next !== QUOTE && (byte === HASH || next !== SLASH))) return -1;
    } else if (PATTERN[byte] !== 1) break;
  }
  return bytes[at] === QUOTE && depth <= maxDepth ? at : -1;
}
