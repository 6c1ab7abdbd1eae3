import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFile, stageFile, sweepStaged } from '../../atomic-file.js';
import { Failure } from '../../failure.js';
import { unreadableFile } from '../../unreadable-file.js';
import type { Checkpoint, JournalText } from './journal-schema.js';

/** Which input goes where. An import can go on only where both are the same as before. */
export interface ImportIdentity {
  /** Its path, with no links in it. */
  readonly file: string;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** The URL of the Redis, without a password. */
  readonly target: string;
}

/** Where it is kept on disk how far an import has come. It holds nothing of the rows. */
export class ImportJournal {
  private readonly path: string;

  /** @param folder where vmqctl keeps what it is doing */
  constructor(
    folder: string,
    private readonly identity: ImportIdentity,
  ) {
    const name = createHash('sha256').update(`${identity.file}\0${identity.target}`).digest('hex');
    this.path = join(folder, 'imports', `${name}.json`);
  }

  /**
   * How far the last one came; undefined where none is unfinished.
   *
   * @throws Failure: configuration when it cannot be read, safety when the file is another one by now
   */
  async read(): Promise<Checkpoint | undefined> {
    const text = await this.text();
    if (text === undefined) return undefined;
    const { parseJournal } = await import('./journal-schema.js');
    const journal = parseJournal(text);
    if (!journal)
      throw new Failure('configuration', 'damaged_journal', `${this.path} is damaged`, {
        hint: 'Import without --resume: rows that are in place are left as they are.',
      });
    if (journal.size === this.identity.size && journal.modifiedAt === this.identity.modifiedAt)
      return journal.checkpoint;
    throw new Failure('safety', 'input_changed', `${this.identity.file} was changed since its import began`, {
      hint: 'Import it from the beginning, without --resume: rows that are in place are left as they are.',
    });
  }

  /** On return it is on disk. @throws Failure (configuration) */
  async write(checkpoint: Checkpoint): Promise<void> {
    const { size, modifiedAt } = this.identity;
    const journal: JournalText = {
      schema: 'vmqctl.import/1',
      size,
      modifiedAt,
      checkpoint,
    };
    const staged = await stageFile(this.path, JSON.stringify(journal));
    await staged.replace();
  }

  /** Also of what imports that were killed left half-written. @throws Failure (configuration) */
  async remove(): Promise<void> {
    await sweepStaged(dirname(this.path));
    await removeFile(this.path);
  }

  private async text(): Promise<string | undefined> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unreadableFile(this.path, error);
    }
  }
}
