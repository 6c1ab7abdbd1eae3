/** Why a text cannot be read. It never shows what the text holds. */
export class NotReadable extends Error {}

const BLANK = /[ \t\r\n]*/y;

/** A place in a text, which goes over blanks and comments as the broker's JSON reader does. */
export class JsonCursor {
  protected at = 0;
  /** Whether the value has been read. */
  protected done = false;

  /** @param remark is told each thing that is not JSON, such as `a comment` */
  constructor(
    protected readonly text: string,
    protected readonly remark: (what: string) => void,
  ) {}

  /** Goes to the next character that is neither blank nor comment, and returns it; empty at the end. */
  protected skip(): string {
    this.take(BLANK);
    while (this.text[this.at] === '/') {
      this.comment();
      this.take(BLANK);
    }
    return this.text[this.at] ?? '';
  }

  private comment(): void {
    this.remark('a comment');
    if (this.text.startsWith('//', this.at)) this.lineComment();
    else if (this.text.startsWith('/*', this.at)) this.blockComment();
    else throw this.unreadable();
  }

  /** Another comment that is opened in it makes the rest unreadable. */
  private lineComment(): void {
    const newline = this.text.indexOf('\n', this.at);
    const end = newline === -1 ? this.text.length : newline;
    const isOpen = newline === -1 && !this.done;
    if (isOpen || this.text.slice(this.at + 2, end).includes('/*')) throw this.unreadable();
    this.at = end;
  }

  /** They nest. One that is not closed is taken at the very end only. */
  private blockComment(): void {
    let open = 0;
    for (const match of this.text.slice(this.at).matchAll(/\/\*|\*\//g)) {
      open += match[0] === '/*' ? 1 : -1;
      if (open > 0) continue;
      this.at += match.index + 2;
      return;
    }
    if (!this.done || open > 1) throw this.unreadable();
    this.at = this.text.length;
  }

  protected take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at += match[0].length;
    return match;
  }

  protected unreadable(): NotReadable {
    return new NotReadable(
      this.at >= this.text.length
        ? 'it is not JSON: it ends too early'
        : `it is not JSON: unexpected at character ${this.at + 1}`,
    );
  }
}
