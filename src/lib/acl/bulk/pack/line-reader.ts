import { DEFAULT_TOPIC_MAX_DEPTH } from '../../pattern.js';
import type { Lists } from '../lists.js';
import { nameEnd, passhashEnd, type Source, sourceOf } from './bytes.js';
import { type LineShape, PASSHASH } from './line-shape.js';
import type { ListTable } from './list-table.js';
import { Pieces } from './packed-page.js';
import { usualListEnd } from './usual-list.js';

/** Longer lines are left to the general way, which knows how long names may be. */
const LONGEST_USUAL = 4096;
const CLIENT_ID = 1;
const PUBLISH = 5;
const CLOSE = 0x5d;

/** Finds the values of a line where they stand, and checks them. */
export class LineReader {
  /** Key and text of the record of the line that was read last. */
  readonly key = new Pieces(['["', undefined, '","', undefined, '","', undefined, '"]']);
  readonly text = new Pieces([
    ...['{"passhash":"', undefined, '","subscribe_acl":', undefined],
    ...[',"publish_acl":', undefined, '}'],
  ]);
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
      if (!before.isAt(source.view, at)) return -1;
      at = this.readValue(source, at + before.length, field);
      if (at === -1) return -1;
    }
    const end = at + after.length;
    if (!after.isAt(source.view, at) || end - from > LONGEST_USUAL) return -1;
    for (const field of missing) this.put(field, this.defaults[field] as Source);
    return end;
  }

  /** @returns where it ends, or -1 */
  private readValue(source: Source, from: number, field: number): number {
    if (field > PASSHASH) return this.readList(source, from, field);
    const end = field === PASSHASH ? passhashEnd(source.bytes, from) : nameEnd(source.bytes, from);
    if (end === -1 || (field === CLIENT_ID && end === from)) return -1;
    this.put(field, source, from, end);
    return end;
  }

  private readList(source: Source, from: number, field: number): number {
    const usual = usualListEnd(source, from, this.maxDepth);
    if (usual !== -1) {
      this.put(field, source, from, usual);
      return usual;
    }
    const end = listEnd(source.bytes, from);
    if (end === -1) return -1;
    const list = this.lists?.find(
      source.bytes.toString('latin1', from, end),
      field === PUBLISH ? 'publish' : 'subscribe',
    );
    if (!list) return -1;
    this.put(field, list);
    return end;
  }

  /** Sets the piece of a member: between each two of them stands a fixed one. */
  private put(field: number, source: Source, from = 0, to = source.length): void {
    if (field < PASSHASH) this.key.set(2 * field + 1, source, from, to);
    else this.text.set(2 * (field - PASSHASH) + 1, source, from, to);
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
