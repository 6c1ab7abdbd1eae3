import { type LineParts, type LogRecord, parseLine } from './record.js';

/** Characters of the lines that follow the first one; what goes beyond it becomes an entry of its own. */
export const LONGEST_RECORD = 256 * 1024;

interface Begun {
  readonly parts: Partial<LineParts> & { readonly message: string };
  readonly lines: string[];
  size: number;
}

/** Puts lines together to entries: a line without a time stamp belongs to the one before it. */
export class RecordAssembler {
  private begun: Begun | undefined;
  private last: Partial<LineParts> = {};

  /**
   * @param zone minutes east of UTC, for stamps without an offset
   * @param midway whether reading begins inside an entry, the rest of which is then left out
   */
  constructor(
    private readonly node: string,
    private readonly zone: number,
    private midway = false,
  ) {}

  /** @returns the entries that are complete because another one begins */
  push(line: string): LogRecord[] {
    const parts = parseLine(line, this.zone);
    if (parts) {
      this.midway = false;
      const complete = this.end();
      this.begun = { parts, lines: [line], size: 0 };
      return complete;
    }
    return this.midway ? [] : this.goOn(line);
  }

  /** The last entry, when no more lines are expected to belong to it. */
  end(): LogRecord[] {
    if (!this.begun) return [];
    const { parts, lines } = this.begun;
    this.begun = undefined;
    this.last = parts;
    const [, ...rest] = lines;
    return [
      {
        node: this.node,
        ...parts,
        time: parts.time,
        message: [parts.message, ...rest].join('\n'),
        text: lines.join('\n'),
      },
    ];
  }

  /** Whether there is an entry that another line could belong to. */
  get open(): boolean {
    return this.begun !== undefined;
  }

  /** A line that comes when its entry has gone out already stands alone, with the time and level of that entry. */
  private goOn(line: string): LogRecord[] {
    if (this.begun && this.begun.size + line.length <= LONGEST_RECORD) {
      this.begun.lines.push(line);
      this.begun.size += line.length + 1;
      return [];
    }
    const complete = this.end();
    this.begun = { parts: { ...this.last, message: line }, lines: [line], size: 0 };
    return complete;
  }
}
