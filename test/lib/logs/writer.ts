import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatStamp } from '../../../src/lib/logs/stamp.js';

/** A broker's console.log, written as Erlang's logger does. */
export class LogWriter {
  readonly folder = mkdtempSync(join(tmpdir(), 'vmqctl-log-'));
  readonly path = join(this.folder, 'console.log');
  private count = 0;

  /** @param time of the first entry, in milliseconds since the epoch; each is a millisecond after the one before */
  constructor(
    private readonly name: string,
    private time = Date.now(),
  ) {}

  /** Writes entries; their messages are `NAME-1`, `NAME-2`, … */
  write(entries: number, { level = 'info', step = 1 } = {}): void {
    let text = '';
    for (let index = 0; index < entries; index += 1) {
      this.count += 1;
      this.time += step;
      const stamp = formatStamp(this.time * 1000).replace('Z', '+00:00');
      text += `${stamp} [${level}] <0.${this.count}.0> vmq_test:write/1:7: ${this.name}-${this.count}\n`;
    }
    appendFileSync(this.path, text);
  }

  append(text: string | Buffer): void {
    appendFileSync(this.path, text);
  }

  /** As logger_std_h does: console.log.0 is the newest. */
  rotate(): void {
    for (let index = 4; index >= 0; index -= 1)
      if (existsSync(`${this.path}.${index}`))
        renameSync(`${this.path}.${index}`, `${this.path}.${index + 1}`);
    renameSync(this.path, `${this.path}.0`);
    // Some file systems do not tell times apart that lie so close together.
    for (let index = 0; existsSync(`${this.path}.${index}`); index += 1) {
      const seconds = Date.now() / 1000 - index - 1;
      utimesSync(`${this.path}.${index}`, seconds, seconds);
    }
  }

  /** As logrotate does with `copytruncate`. */
  copyAndTruncate(): void {
    appendFileSync(`${this.path}.1`, readFileSync(this.path));
    truncateSync(this.path, 0);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** The messages of all entries that were written. */
  get messages(): string[] {
    return Array.from({ length: this.count }, (_, index) => `${this.name}-${index + 1}`);
  }
}
