/** Turns text, as it comes in pieces, into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';

  /** @param onLine called with each complete line, without its line feed */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = text.split('\n');
    lines[0] = this.#rest + (lines[0] ?? '');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }

  /** What came after the last line feed is a line as well. */
  end(): void {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') this.#onLine(rest);
  }
}
