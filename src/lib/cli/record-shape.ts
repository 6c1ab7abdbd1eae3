import type { Cell } from './view.js';

/** How items of one kind are shown, each by itself. */
export interface RecordShape<T> {
  /** Of `--format table`. */
  readonly columns: readonly string[];
  readonly row: (item: T) => readonly (string | Cell)[];
  /** Of `--format csv`. */
  readonly csvColumns: readonly string[];
  readonly csvRow: (item: T) => readonly string[];
  /** The member `schema` of the document of `--format json` and `yaml`. */
  readonly schema: string;
  /** The member of the document that lists the items. */
  readonly member: string;
  readonly entry: (item: T) => unknown;
  /** The JSON of the entry, where there is a quicker way to it. */
  readonly entryJson?: (item: T) => string;
}

/** The text of one format, piece by piece. */
export interface Drawer<T> {
  begin(first: readonly T[]): string;
  items(items: readonly T[]): string;
  end(members: Readonly<Record<string, unknown>>): string;
  readonly isDocument: boolean;
  /** Whether a failure is told in the document and nowhere else, as `--json` promises. */
  readonly tellsFailures: boolean;
}
