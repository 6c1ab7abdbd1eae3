/** How a cell is meant. A renderer may colour it; it never carries colour itself. */
export type Tone = 'plain' | 'good' | 'warning' | 'bad' | 'dim';

export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | Cell)[])[];
}

/** A line of text with a tone, printed above or under a table. */
export interface Note {
  readonly text: string;
  readonly tone: Tone;
}

/** What a command has to say, once, for every renderer. */
export interface View {
  /** The document of `--format json` and `yaml`. */
  readonly document: unknown;
  /** The rows of `--format table` and `csv`. */
  readonly table?: Table;
  readonly above?: readonly Note[];
  readonly below?: readonly Note[];
}

export const cell = (text: string, tone: Tone = 'plain'): Cell => ({ text, tone });
export const note = (text: string, tone: Tone = 'plain'): Note => ({ text, tone });
export const cellText = (value: string | Cell): string => (typeof value === 'string' ? value : value.text);
