import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines of text, whatever pieces it comes in; the last line needs no end. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest: string[] = [];

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** Hands on what came after the last line end. */
  end(): void {
    this.#take(this.#decoder.end());
    const line = this.#rest.join('');
    this.#rest = [];
    if (line !== '') this.onLine(line);
  }

  #take(text: string): void {
    const [first = '', ...others] = text.split('\n');
    this.#rest.push(first);
    for (const next of others) {
      const line = this.#rest.join('');
      this.#rest = [next];
      this.onLine(line.replace(/\r$/, ''));
    }
  }
}
