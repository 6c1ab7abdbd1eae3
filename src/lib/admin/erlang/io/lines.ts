import { badTerm } from '../term/limits.js';

/** The most characters that are kept while their line feed has not come. */
const LONGEST_REST = 16 * 1024 * 1024;

/** Turns text, as it comes in pieces, into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';

  /** @param onLine called with each complete line, without its line feed */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** @throws ErlangError `bad_term` where no line feed comes for more than 16 Mi characters; they are not kept */
  push(text: string): void {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = this.#rest + (lines[0] ?? '');
      this.#rest = '';
    }
    for (const line of lines) this.#onLine(line);
    if (this.#rest.length + rest.length > LONGEST_REST)
      throw badTerm(`a line of more than ${LONGEST_REST} characters`);
    this.#rest += rest;
  }

  /** What came after the last line feed is a line as well. */
  end(): void {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') this.#onLine(rest);
  }
}
