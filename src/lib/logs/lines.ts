/** Of one line; what a line has beyond it is counted, not kept. */
export const LONGEST_LINE = 256 * 1024;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Cuts bytes into lines, in memory for one line. Bytes that are no UTF-8 become U+FFFD. */
export class LineSplitter {
  private pieces: Buffer[] = [];
  private kept = 0;
  private dropped = 0;

  /** @param midway whether reading begins inside a line, which is then left out */
  constructor(private midway = false) {}

  push(bytes: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      this.keep(bytes.subarray(from, at));
      if (this.midway) this.forget();
      else lines.push(this.line());
      this.midway = false;
      from = at + 1;
    }
    this.keep(bytes.subarray(from));
    return lines;
  }

  /** The line that has no end yet, when none is going to come. */
  end(): string[] {
    const begun = this.kept + this.dropped > 0 && !this.midway;
    this.midway = false;
    if (begun) return [this.line()];
    this.forget();
    return [];
  }

  private keep(piece: Buffer): void {
    const room = LONGEST_LINE - this.kept;
    const fits = piece.subarray(0, room);
    // A copy: what is left of a chunk must not keep all of it in memory.
    if (fits.length > 0) this.pieces.push(Buffer.from(fits));
    this.kept += fits.length;
    this.dropped += piece.length - fits.length;
  }

  private line(): string {
    const bytes = this.pieces.length === 1 && this.pieces[0] ? this.pieces[0] : Buffer.concat(this.pieces);
    const dropped = this.dropped;
    this.forget();
    if (dropped > 0) return `${bytes.toString()} … (${dropped} more bytes)`;
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    return bytes.toString('utf8', 0, end);
  }

  private forget(): void {
    this.pieces = [];
    this.kept = 0;
    this.dropped = 0;
  }
}
