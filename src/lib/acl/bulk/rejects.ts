import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure } from '../../failure.js';

/** Rows that failed, as they stood in the input, to be mended and imported again. Only its owner can read it. */
export class RejectsFile {
  private constructor(
    /** From the root on. */
    readonly path: string,
    private readonly file: FileHandle,
    private written: number,
    private readonly heading: () => string | undefined,
  ) {}

  /**
   * @param kept bytes that stay of a file that is there, where it has as many; undefined where none may be
   * @param heading the line that such a file begins with, known when there are rows
   * @throws Failure: safety when there is one and none may be, configuration when it cannot be written
   */
  static async open(
    path: string,
    kept: number | undefined,
    heading: () => string | undefined = () => undefined,
  ): Promise<RejectsFile> {
    try {
      const file = await open(path, kept === undefined ? 'wx' : 'a', 0o600);
      // Rows of it that were mended may have been taken out, or all of it away.
      const length = Math.min(kept ?? 0, (await file.stat()).size);
      await file.truncate(length);
      return new RejectsFile(resolve(path), file, length, heading);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST')
        throw new Failure('safety', 'rejects_exist', `there is a file ${path} already`, {
          hint: 'Name another one with --rejects, or move it away.',
        });
      throw unwritable(path, error);
    }
  }

  /** In bytes. */
  get length(): number {
    return this.written;
  }

  /** @throws Failure (configuration) */
  async add(rows: readonly string[]): Promise<void> {
    if (rows.length === 0) return;
    const first = this.written === 0 ? this.heading() : undefined;
    const lines = first === undefined ? rows : [first, ...rows];
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    try {
      await this.file.appendFile(bytes);
    } catch (error) {
      throw unwritable(this.path, error);
    }
    this.written += bytes.length;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

const unwritable = (path: string, cause: unknown) =>
  new Failure(
    'configuration',
    'unwritable_file',
    `cannot write ${path}: ${(cause as NodeJS.ErrnoException).code}`,
    { cause },
  );
