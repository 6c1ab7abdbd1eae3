import { CHUNK_SIZE, type LogFile, type RemoteFiles } from './remote.js';

/** A place in a log that stays the same when the log is rotated. */
export interface Position {
  /** Where the file was last seen. */
  readonly path: string;
  /** The first bytes of the file; none while it was empty. */
  readonly head: Buffer;
  readonly offset: number;
  /** The first bytes of the file before it, as long as its own are not known. */
  readonly previous?: Buffer | undefined;
}

export interface Chunk {
  readonly bytes: Buffer;
  /** What comes next is from another file. */
  readonly newFile: boolean;
  /** Everything written so far has been read. */
  readonly atEnd: boolean;
  /** The file that was being read is gone, and perhaps lines with it. */
  readonly gap: boolean;
}

const NOTHING: Chunk = { bytes: Buffer.alloc(0), newFile: false, atEnd: false, gap: false };

/** After so many searches in a row that brought nothing, the file is begun anew. */
const SEARCHES = 5;

/**
 * Reads on from a position, through all files that the log is rotated to, as `tail -F` does. The position moves only with
 * what was read, so a read that failed is simply made again.
 */
export class LogTail {
  private searches = 0;
  /** Of the file that is being written, as it was last seen. */
  private inode = '';

  /** @param main the file that is being written */
  constructor(
    private readonly files: Pick<RemoteFiles, 'read' | 'list'>,
    private readonly main: string,
    private at: Position,
  ) {}

  get position(): Position {
    return this.at;
  }

  /**
   * @param wait how long to wait for more at the end, in milliseconds
   * @throws Failure of the host
   */
  async next(wait: number): Promise<Chunk> {
    const isMain = this.at.path === this.main;
    const { path, offset } = this.at;
    const inode = isMain ? this.inode : '';
    const piece = await this.files.read(path, offset, isMain ? wait : 0, CHUNK_SIZE, inode);
    if (isMain && piece.state === 'ok') this.inode = piece.inode;
    if (piece.state === 'missing' || !isSame(piece.head, this.at.head)) return this.search();
    const { bytes, size, head } = piece;
    if (bytes.length === 0 && (!isMain || size < this.at.offset)) return this.search();
    if (this.at.previous && head.length > 0) return this.goOnAfter(this.at.previous);
    this.searches = 0;
    this.at = { path: this.at.path, head, offset: this.at.offset + bytes.length, previous: this.at.previous };
    return { ...NOTHING, bytes, atEnd: isMain && bytes.length < CHUNK_SIZE };
  }

  /** Finds the file again under its new name, or the one after it when it has been read to its end. */
  private async search(): Promise<Chunk> {
    this.searches += 1;
    const { files } = await this.files.list(this.main);
    const known = this.at.head.length === 0 ? -1 : files.findIndex(({ head }) => isSame(head, this.at.head));
    const file = files[known];
    if (!file) return this.afterLost(files);
    if (file.size < this.at.offset || this.searches > SEARCHES) return this.begin(file, true);
    const next = files[known + 1];
    if (file.size === this.at.offset && next) return this.begin(next, false);
    const ended = file.size === this.at.offset;
    this.at = { ...this.at, path: ended ? this.main : file.path };
    return { ...NOTHING, atEnd: ended };
  }

  /** The file that was empty has lines now: others may have come and gone between it and the one before. */
  private async goOnAfter(previous: Buffer): Promise<Chunk> {
    const { files } = await this.files.list(this.main);
    const known = files.findIndex(({ head }) => isSame(head, previous));
    const next = files[known + 1];
    return known !== -1 && next ? this.begin(next, false) : this.afterLost(files);
  }

  /** Time stamps sort as texts: the first file that begins later than the lost one has not been read yet. */
  private afterLost(files: readonly LogFile[]): Chunk {
    const { previous, head: own } = this.at;
    const lost = own.length > 0 ? own : previous;
    const later = lost && files.find(({ head }) => Buffer.compare(head, lost) > 0);
    if (later) return this.begin(later, true);
    const nothing = { path: this.main, size: 0, head: Buffer.alloc(0) };
    return this.begin(nothing, lost !== undefined);
  }

  private begin({ path, head }: LogFile, gap: boolean): Chunk {
    this.searches = 0;
    const before = this.at.head.length > 0 ? this.at.head : this.at.previous;
    this.at = { path, head, offset: 0, ...(head.length === 0 ? { previous: before } : {}) };
    return { ...NOTHING, newFile: true, gap };
  }
}

/** Whether a file that began with `known`, when it may have been shorter, is this one. */
const isSame = (head: Buffer, known: Buffer) => head.subarray(0, known.length).equals(known);
