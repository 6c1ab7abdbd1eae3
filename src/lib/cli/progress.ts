import { printable } from './printable.js';
import { say } from './streams.js';

/** A line that changes: redrawn in place on a terminal, one line per change elsewhere. */
export class ProgressLine {
  private shown = '';

  constructor(
    private readonly stream: NodeJS.WritableStream,
    private readonly isTerminal: boolean,
  ) {}

  /**
   * @param live redrawn on a terminal as often as it comes
   * @param steady what counts as a change where lines cannot be redrawn
   */
  async update(live: string, steady: string = live): Promise<void> {
    if (this.isTerminal) {
      this.shown = live;
      await say(this.stream, `\r\u001b[2K${printable(live)}`);
    } else if (steady !== this.shown) {
      this.shown = steady;
      await say(this.stream, `${printable(steady)}\n`);
    }
  }

  /** Ends the line, so that something else can be printed. */
  async end(): Promise<void> {
    if (this.isTerminal && this.shown !== '') await say(this.stream, '\n');
    this.shown = '';
  }
}
