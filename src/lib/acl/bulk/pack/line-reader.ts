import { DEFAULT_TOPIC_MAX_DEPTH } from '../../pattern.js';
import type { Lists } from '../lists.js';
import { nameEnd, passhashEnd, type Source, sourceOf } from './bytes.js';
import { type LineShape, PASSHASH } from './line-shape.js';
import type { ListTable } from './list-table.js';
import { usualListEnd } from './usual-list.js';
import { Values } from './values.js';

/** Longer lines are left to the general way, which knows how long names may be. */
const LONGEST_USUAL = 4096;
const CLIENT_ID = 1;
const PUBLISH = 5;
const CLOSE = 0x5d;

/** Finds the values of a line where they stand, and checks them. */
export class LineReader {
  /** Those of the line that was read last. */
  readonly values = new Values();
  /** What knows of lists that are not usual: without it, lines with one are not usual either. */
  lists: ListTable | undefined;
  private readonly maxDepth: number;
  private readonly defaults: readonly Source[];

  constructor({ publish = '[]', subscribe = '[]', topicMaxDepth = DEFAULT_TOPIC_MAX_DEPTH }: Lists) {
    this.maxDepth = topicMaxDepth;
    this.defaults = ['', '', '', '', subscribe, publish].map((text) => sourceOf(Buffer.from(text)));
  }

  /** @returns where the next line begins, or -1 where this one is not usual or has another shape */
  read(source: Source, from: number, { steps, after, missing }: LineShape): number {
    let at = from;
    for (const { before, field } of steps) {
      if (!before.isAt(source, at)) return -1;
      at = this.readValue(source, at + before.length, field);
      if (at === -1) return -1;
    }
    const end = at + after.length;
    if (!after.isAt(source, at) || end - from > LONGEST_USUAL) return -1;
    for (const field of missing) this.putAll(field, this.defaults[field] as Source);
    return end;
  }

  /** @returns where it ends, or -1 */
  private readValue(source: Source, from: number, field: number): number {
    if (field > PASSHASH) return this.readList(source, from, field);
    const end = field === PASSHASH ? passhashEnd(source, from) : nameEnd(source.bytes, from);
    if (end === -1 || (field === CLIENT_ID && end === from)) return -1;
    this.values.set(field, source, from, end);
    return end;
  }

  private readList(source: Source, from: number, field: number): number {
    const usual = this.usualListEnd(source, from, field);
    if (usual !== -1) {
      this.values.set(field, source, from, usual);
      return usual;
    }
    const end = listEnd(source.bytes, from);
    if (end === -1) return -1;
    const list = this.lists?.find(
      source.bytes.toString('latin1', from, end),
      field === PUBLISH ? 'publish' : 'subscribe',
    );
    if (!list) return -1;
    this.putAll(field, list);
    return end;
  }

  /** Most lines have the same lists as the one before: that takes less time to see than to read them. */
  private usualListEnd(source: Source, from: number, field: number): number {
    const end = this.values.endOfSame(field, source, from);
    return end === -1 ? usualListEnd(source, from, this.maxDepth) : end;
  }

  private putAll(field: number, source: Source): void {
    this.values.set(field, source, 0, source.length);
  }
}

/** Where the first bracket closes, in printable ASCII. */
function listEnd(bytes: Uint8Array, from: number): number {
  const last = Math.min(bytes.length, from + LONGEST_USUAL);
  for (let at = from; at < last; at += 1) {
    const byte = bytes[at] as number;
    if (byte === CLOSE) return at + 1;
    if (byte < 0x20 || byte > 0x7e) return -1;
  }
  return -1;
}
