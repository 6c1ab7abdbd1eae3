import { write } from './streams.js';

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
      await write(this.stream, `\r\u001b[2K${live}`);
    } else if (steady !== this.shown) {
      this.shown = steady;
      await write(this.stream, `${steady}\n`);
    }
  }

  /** Ends the line, so that something else can be printed. */
  async end(): Promise<void> {
    if (this.isTerminal && this.shown !== '') await write(this.stream, '\n');
    this.shown = '';
  }
}
