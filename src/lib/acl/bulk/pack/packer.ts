import type { Lists } from '../lists.js';
import { NEWLINE, type Source, sourceOf } from './bytes.js';
import { LineReader } from './line-reader.js';
import { type LineShape, lineShape } from './line-shape.js';
import type { ListTable } from './list-table.js';
import { PackedPage } from './packed-page.js';

/** Layouts of lines that are tried: a file has one, or one for each set of members that its records have. */
const MOST_SHAPES = 8;

/**
 * Makes of usual lines what Redis is sent, from bytes to bytes: their values are found and checked where they stand, and
 * copied. The general way takes several times as long and comes to the same (see ndjsonReader and recordText).
 */
export class Packer {
  private readonly reader: LineReader;
  private readonly shapes: LineShape[] = [];
  /** Pages that are not in use. */
  private readonly free: PackedPage[] = [];

  /** @param given what a record has for a list that its line does not name */
  constructor(given: Lists) {
    this.reader = new LineReader(given);
  }

  /** Until it is set, lines whose lists are not usual are not packed. */
  set lists(lists: ListTable) {
    this.reader.lists = lists;
  }

  /**
   * @param pieces of whole lines
   * @returns all of them, to be released once they are not needed; undefined where one is not usual
   */
  pack(pieces: readonly Buffer[]): PackedPage | undefined {
    const page = this.free.pop() ?? new PackedPage((done) => this.free.push(done));
    page.begin(pieces);
    if (this.addAll(sourceOf(page.lines), page)) return page;
    page.release();
    return undefined;
  }

  /** @returns whether all its lines are usual */
  private addAll(source: Source, page: PackedPage): boolean {
    const { values } = this.reader;
    let at = 0;
    while (at !== -1 && at < source.length) {
      at = this.read(source, at);
      if (at !== -1) page.add(values);
    }
    return at !== -1;
  }

  /** @returns where the next line begins, or -1 */
  private read(source: Source, from: number): number {
    for (const shape of this.shapes) {
      const end = this.reader.read(source, from, shape);
      if (end !== -1) return end;
    }
    if (this.shapes.length === MOST_SHAPES) return -1;
    const { bytes } = source;
    const shape = lineShape(bytes.toString('latin1', from, bytes.indexOf(NEWLINE, from)));
    const end = shape ? this.reader.read(source, from, shape) : -1;
    if (shape && end !== -1) this.shapes.push(shape);
    return end;
  }
}
