import { displayWidth } from '../printable.js';
import { type Cell, cellText } from '../view.js';
import type { Size } from './frame.js';

/** What a screen needs of a terminal. */
export interface Output {
  write(text: string): boolean;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const ESCAPE = '\u001b[';
/** The alternate screen, which leaves what was there before untouched; no cursor, and no line goes on by itself. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l${ESCAPE}?7l${ESCAPE}2J`;
const LEAVE = `${ESCAPE}0m${ESCAPE}?7h${ESCAPE}?25h${ESCAPE}?1049l`;
const CLEAR = `${ESCAPE}2J`;
const CLEAR_BELOW = `${ESCAPE}J`;
const CLEAR_TO_END = `${ESCAPE}K`;

/** Where a terminal does not tell, as some serial ones do not. */
const USUAL = { width: 80, height: 24 };

/** The whole of a terminal. It is entered and left any number of times; twice in a row is once. */
export class Screen {
  #isUp = false;

  constructor(
    private readonly output: Output,
    private readonly paint: (text: string, tone: Cell['tone']) => string,
  ) {}

  get size(): Size {
    return { width: this.output.columns || USUAL.width, height: this.output.rows || USUAL.height };
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  enter(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.output.write(ENTER);
  }

  leave(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.output.write(LEAVE);
  }

  /**
   * Shows lines instead of those that are there, in one piece: a terminal never has half of them.
   *
   * @param anew whether what is there cannot be trusted, as after a change of size
   */
  draw(lines: readonly (readonly Cell[])[], { anew = false } = {}): void {
    if (!this.#isUp) return;
    const { width } = this.size;
    const drawn = lines.map((line, row) => {
      const used = line.reduce((sum, piece) => sum + displayWidth(cellText(piece)), 0);
      const text = line.map(({ text: piece, tone }) => this.paint(piece, tone)).join('');
      // In the last column there is nothing to clear, and clearing would take the last character with it.
      return `${ESCAPE}${row + 1};1H${text}${used < width ? CLEAR_TO_END : ''}`;
    });
    const below = lines.length < this.size.height ? `${ESCAPE}${lines.length + 1};1H${CLEAR_BELOW}` : '';
    this.output.write((anew ? CLEAR : '') + drawn.join('') + below);
  }
}
