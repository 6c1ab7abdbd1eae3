import type { Input } from '../input.js';
import type { LineBatch, Position } from '../lines.js';
import type { ReadRow } from '../row.js';

/** How rows stand in an input. */
export interface RowFormat {
  /** The records from this place on, each in the place of its first line. */
  open(input: Pick<Input, 'read'>, from: Position): AsyncIterable<LineBatch>;
  /** What reads them one by one. It is loaded only where somebody wants it. */
  readonly reader: () => Promise<ReadRow>;
  /** What a file of such rows begins with. */
  readonly heading: () => string | undefined;
  readonly remarks: readonly string[];
  readonly remarksAfter: () => readonly string[];
}

export const NOTHING_TO_SAY = { heading: () => undefined, remarks: [], remarksAfter: () => [] };
