import { RecordAssembler } from './assemble.js';
import { LineSplitter } from './lines.js';
import type { LogRecord } from './record.js';
import type { Chunk } from './tail.js';

export interface PipelineOptions {
  readonly node: string;
  /** Minutes east of UTC, for stamps without an offset. */
  readonly zone: number;
  /** Whether the first bytes may be the rest of an entry. */
  readonly midway: boolean;
  readonly accepts: (record: LogRecord) => boolean;
}

/** From the bytes of one node's log to those of its entries that were asked for. */
export class Pipeline {
  private readonly splitter: LineSplitter;
  private readonly assembler: RecordAssembler;

  constructor(private readonly options: PipelineOptions) {
    this.splitter = new LineSplitter(options.midway);
    this.assembler = new RecordAssembler(options.node, options.zone, options.midway);
  }

  /** Whether an entry waits for lines that may still belong to it. */
  get open(): boolean {
    return this.assembler.open;
  }

  push(chunk: Pick<Chunk, 'bytes' | 'newFile'>): LogRecord[] {
    const ended = chunk.newFile ? this.end() : [];
    return [...ended, ...this.assemble(this.splitter.push(chunk.bytes))];
  }

  /** The entry that is open: nothing came that belongs to it. */
  flush(): LogRecord[] {
    return this.assembler.end().filter(this.options.accepts);
  }

  /** What is left when nothing more comes from this file. */
  end(): LogRecord[] {
    return [...this.assemble(this.splitter.end()), ...this.flush()];
  }

  private assemble(lines: readonly string[]): LogRecord[] {
    const records: LogRecord[] = [];
    for (const line of lines)
      for (const record of this.assembler.push(line)) if (this.options.accepts(record)) records.push(record);
    return records;
  }
}
