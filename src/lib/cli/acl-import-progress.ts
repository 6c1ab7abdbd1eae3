import type { ImportProgress } from '../acl/bulk/run.js';
import { formatDuration } from '../duration.js';
import { ProgressLine } from './progress.js';
import type { Streams } from './streams.js';

/** Milliseconds between two drawings. */
const EVERY = 200;
const BAR = 20;

/** How far an import is, how fast it goes and when it will be over. Drawn on a terminal only. */
export class ImportBar {
  private readonly line: ProgressLine;
  private readonly started = Date.now();
  private drawn = 0;
  private first: ImportProgress | undefined;

  /** @param size of the input in bytes, where that is known */
  constructor(
    private readonly streams: Streams,
    private readonly size: number | undefined,
  ) {
    this.line = new ProgressLine(streams.err, streams.errIsTerminal);
  }

  async show(progress: ImportProgress): Promise<void> {
    this.first ??= progress;
    const now = Date.now();
    if (!this.streams.errIsTerminal || now - this.drawn < EVERY) return;
    this.drawn = now;
    await this.line.update(barText(progress, this.first, this.size, now - this.started));
  }

  end(): Promise<void> {
    return this.line.end();
  }
}

/** @param elapsed milliseconds since the first progress */
export function barText(
  { settled }: ImportProgress,
  { settled: first }: ImportProgress,
  size: number | undefined,
  elapsed: number,
): string {
  const rate = elapsed > 0 ? ((settled.line - first.line) * 1000) / elapsed : 0;
  const rows = `${settled.line - 1} rows, ${Math.round(rate)}/s`;
  if (!size) return rows;
  const share = Math.min(1, settled.from.bytes / size);
  const speed = (settled.from.bytes - first.from.bytes) / elapsed;
  const left = speed > 0 ? `, ${formatDuration((size - settled.from.bytes) / speed)} left` : '';
  const filled = Math.round(share * BAR);
  return `${'#'.repeat(filled)}${'.'.repeat(BAR - filled)} ${Math.floor(share * 100)} %, ${rows}${left}`;
}
