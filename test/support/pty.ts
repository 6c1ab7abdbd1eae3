import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** A terminal of util-linux's `script`, in which a shell runs a command. */
export class Pty {
  /** All that the terminal was sent. */
  output = '';
  /** The exit code of `script`, which is that of the shell's command line. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), 'vmqctl-pty-'));

  /** @param commandLine for a POSIX shell; it finds the built program in `$VMQCTL` */
  constructor(
    commandLine: string,
    { columns = 100, rows = 24, env = {} as Readonly<Record<string, string>> } = {},
  ) {
    const sized = `stty cols ${columns} rows ${rows}; echo "tty $(tty)."; ${commandLine}`;
    this.child = spawn('script', ['-qefc', sized, join(this.folder, 'typescript')], {
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        SHELL: '/bin/sh',
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        VMQCTL: `${process.execPath} ${BINARY}`,
        VMQCTL_CONFIG_DIR: this.folder,
        ...env,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Waits until the terminal was sent this, from `from` on. @returns where it stands */
  async sees(wanted: string | RegExp, from = 0): Promise<number> {
    const until = Date.now() + 15_000;
    for (;;) {
      const found = this.output.slice(from).search(typeof wanted === 'string' ? escaped(wanted) : wanted);
      if (found !== -1) return from + found;
      if (Date.now() > until)
        throw new Error(`the terminal was never sent ${wanted}: ${JSON.stringify(this.output)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The device, such as `/dev/pts/3`, for `stty -F`. */
  async device(): Promise<string> {
    await this.sees(/tty \S+\./);
    return /tty (\S+)\./.exec(this.output)?.[1] ?? '';
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true });
  }
}

const escaped = (text: string) => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
