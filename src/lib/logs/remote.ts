import { Failure } from '../failure.js';
import { runScript, type ShellOptions, type ShellScript } from '../shell-script.js';
import type { SshHost } from '../ssh/host.js';
import { BLOCK_SIZE, HEAD_SIZE, LIST_SCRIPT, LOCATE_SCRIPT, MARK, READ_SCRIPT } from './scripts.js';
import { readOffset } from './stamp.js';

/** How many bytes are fetched at once. */
export const CHUNK_SIZE = 512 * 1024;

/** One file of a log: the one that is being written, or one that was rotated away. */
export interface LogFile {
  readonly path: string;
  readonly size: number;
  /** Its first bytes, by which it is known again under another name. */
  readonly head: Buffer;
}

export interface Listing {
  /** The oldest first; the last one is the one being written. */
  readonly files: readonly LogFile[];
  /** The host's clock, in milliseconds since the epoch. */
  readonly now: number;
  /** Minutes that the host's local time is east of UTC. */
  readonly zone: number;
  /** Paths of the rotated files that are compressed and thus not read, the newest first. */
  readonly compressed: readonly string[];
}

/** A piece of a file, or why there is none. */
export type Piece =
  | {
      readonly state: 'ok';
      readonly size: number;
      /** Tells the host's files apart as long as they are there. */
      readonly inode: string;
      readonly head: Buffer;
      readonly bytes: Buffer;
    }
  | { readonly state: 'missing' };

/** Reads files of one host with a shell, in pieces, so that whoever reads slowly is never flooded. */
export class RemoteFiles {
  constructor(
    private readonly host: SshHost,
    /** The deadline is per fetch, without what it was told to wait. */
    private readonly options: ShellOptions,
  ) {}

  get address(): string {
    return this.host.address;
  }

  /**
   * Reads at an offset, at most `size` bytes and a block. Where the file ends there, it waits for more to be written.
   *
   * @param wait milliseconds at most
   * @param inode of the file that is waited for; another one is not
   * @throws Failure: those of the host; configuration when it may not be read or is no file
   */
  async read(path: string, offset: number, wait = 0, size = CHUNK_SIZE, inode = ''): Promise<Piece> {
    const block = Math.floor(offset / BLOCK_SIZE);
    const variables = {
      FILE: path,
      OFFSET: offset,
      INODE: inode,
      BLOCK: block,
      COUNT: Math.ceil(size / BLOCK_SIZE) + 1,
      WAIT: Math.round(wait / 100),
    };
    const { words, rest } = await this.ask(READ_SCRIPT, variables, wait);
    if (words[0] === 'missing') return { state: 'missing' };
    if (words[0] !== 'ok') throw this.refusal(words[0], path);
    const head = rest.subarray(0, HEAD_SIZE);
    const bytes = (block === 0 ? rest : rest.subarray(HEAD_SIZE)).subarray(offset - block * BLOCK_SIZE);
    return { state: 'ok', size: Number(words[1]), inode: words[2] ?? '', head, bytes };
  }

  /**
   * The log's file, if it is there, with those it was rotated to.
   *
   * @throws Failure: those of the host; configuration when the file may not be read
   */
  async list(path: string): Promise<Listing> {
    const { lines } = await this.ask(LIST_SCRIPT, { FILE: path }, 0);
    const clock = lines.find(([what]) => what === 'clock') ?? [];
    const refused = lines.find(([what]) => what === 'denied' || what === 'nofile');
    if (refused) throw this.refusal(refused[0], path);
    const named = lines.filter(([what]) => what === 'file').map(readFile);
    const kept = named.filter(({ path }) => !isCompressed(path));
    const current = kept.filter((file) => file.path === path);
    return {
      files: [...kept.filter((file) => file.path !== path).reverse(), ...current],
      now: Number(clock[1]) * 1000,
      zone: readOffset(clock[2] ?? ''),
      compressed: named.map(({ path }) => path).filter(isCompressed),
    };
  }

  /**
   * Where the log is.
   *
   * @throws Failure: those of the host; configuration when it is not found, or not written to a file
   */
  async locate(configurations: readonly string[], logs: readonly string[]): Promise<string> {
    const variables = { CONFIGURATIONS: configurations.join(' '), LOGS: logs.join(' ') };
    const { words } = await this.ask(LOCATE_SCRIPT, variables, 0);
    if (words[0] === 'found') return words.slice(1).join(' ');
    if (words[0] === 'elsewhere') throw this.elsewhere(words[1] ?? '', words[2] ?? '');
    throw this.notFound(`no log at ${logs.join(', ')}`);
  }

  private async ask(text: string, variables: ShellScript['variables'], wait: number) {
    const { deadline, ...options } = this.options;
    const script = { text, variables, mark: MARK };
    return readAnswer(await runScript(this.host, script, { ...options, deadline: deadline + wait }));
  }

  private refusal(reason: string | undefined, path: string): Failure {
    if (reason === 'nofile')
      return new Failure('configuration', 'log_no_file', `${this.address}: ${path} is no regular file`, {
        hint: 'Name the log with --file.',
      });
    return new Failure('configuration', 'log_not_readable', `${this.address}: ${path} may not be read`, {
      hint: 'Give --sudo, or put the user into the group of the file.',
    });
  }

  notFound(reason: string): Failure {
    return new Failure('configuration', 'log_not_found', `${this.address}: ${reason}`, {
      hint: 'Name the log with --file; where its folder is closed to the user, give --sudo.',
    });
  }

  private elsewhere(output: string, configuration: string): Failure {
    const message = `${this.address}: no log is written to a file: log.console = ${output} in ${configuration}`;
    return new Failure('configuration', 'log_not_in_file', message, {
      hint: 'Set log.console = file, or read what collects its standard output.',
    });
  }
}

/** The words of the first line, and the bytes after it; or, of an answer that has nothing but lines, all marked ones. */
function readAnswer(answer: Buffer) {
  const end = answer.indexOf(0x0a);
  return {
    words: answer.toString('utf8', MARK.length + 1, end).split(' '),
    rest: answer.subarray(end + 1),
    get lines(): string[][] {
      const lines = answer.toString('utf8').split('\n');
      return lines.flatMap((line) => (line.startsWith(`${MARK} `) ? [line.split(' ').slice(1)] : []));
    },
  };
}

function readFile([, size = '0', head = 'x', ...name]: readonly string[]): LogFile {
  return { path: name.join(' '), size: Number(size), head: Buffer.from(head.slice(1), 'hex') };
}

const isCompressed = (path: string) => /\.(gz|xz|bz2|zst)$/.test(path);
