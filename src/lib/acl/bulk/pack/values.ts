import { isSame, type Source, sourceOf } from './bytes.js';
import { FIELDS } from './line-shape.js';

/**
 * Where the values of a record stand, by their places in FIELDS. One is used over and over: a new object for each record
 * would cost more than the rest.
 */
export class Values {
  readonly views: DataView[];
  readonly from = new Int32Array(FIELDS.length);
  readonly to = new Int32Array(FIELDS.length);

  constructor() {
    const { view } = sourceOf(Buffer.alloc(0));
    this.views = FIELDS.map(() => view);
  }

  set(field: number, { view }: Source, from: number, to: number): void {
    // Mostly it is that of the record before: to write it again takes longer than to look.
    if (this.views[field] !== view) this.views[field] = view;
    this.from[field] = from;
    this.to[field] = to;
  }

  lengthOf(field: number): number {
    return (this.to[field] as number) - (this.from[field] as number);
  }

  /** Where the value of the record before ends that stands here once more, in the same source; or -1. */
  endOfSame(field: number, { view }: Source, at: number): number {
    if (this.views[field] !== view) return -1;
    const length = this.lengthOf(field);
    return isSame(view, this.from[field] as number, view, at, length) ? at + length : -1;
  }
}
