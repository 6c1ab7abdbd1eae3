import { Failure } from '../../failure.js';
import { openFormat } from '../bulk/formats/format.js';
import { openInput } from '../bulk/input.js';
import { BEGINNING } from '../bulk/lines.js';
import type { Lists } from '../bulk/lists.js';
import { readLine } from '../bulk/parts.js';
import type { CheckedRow } from '../bulk/row.js';
import { type DesiredFile, desiredFiles, type Fault } from './desired-files.js';

/** A record as it is wanted, and where that stands. */
export interface DesiredRecord {
  readonly row: CheckedRow;
  readonly file: string;
  readonly line: number;
}

export interface Desired {
  /** In the order of the input, each of another key. */
  readonly records: readonly DesiredRecord[];
  readonly faults: readonly Fault[];
}

/**
 * Reads the desired records of a file, or of all files of a folder, to the end: every fault is found at once.
 *
 * @throws Failure (configuration) for what cannot be read at all
 */
export async function readDesired(path: string, given: Lists): Promise<Desired> {
  const { files, faults } = await desiredFiles(path);
  const reading = new Reading(given, [...faults]);
  for (const file of files) await reading.add(file);
  return { records: [...reading.records.values()], faults: reading.faults };
}

class Reading {
  readonly records = new Map<string, DesiredRecord>();

  constructor(
    private readonly given: Lists,
    readonly faults: Fault[],
  ) {}

  async add({ path, name }: DesiredFile): Promise<void> {
    try {
      await this.addRows(path, name);
    } catch (thrown) {
      // What is wrong with a file as a whole, such as its header.
      if (!(thrown instanceof Failure) || thrown.kind !== 'data') throw thrown;
      this.faults.push({ file: name, line: null, why: thrown.message });
    }
  }

  private async addRows(path: string, file: string): Promise<void> {
    const format = await openFormat(path, {}, this.given);
    const input = await openInput(path, process.stdin);
    const read = await format.reader();
    for await (const { start, texts, problems, packed } of format.open(input, BEGINNING)) {
      for (const [index, text] of texts.entries()) {
        const reading = readLine(problems.get(index), text, read);
        const line = start.line + index;
        if (reading?.ok) this.addRow({ row: reading.row, file, line });
        else if (reading) this.faults.push({ file, line, why: reading.why });
      }
      packed?.release();
    }
  }

  private addRow(record: DesiredRecord): void {
    const { row, file, line } = record;
    const first = this.records.get(row.key);
    if (!first) this.records.set(row.key, record);
    else {
      const why = `${row.key} is desired already in ${first.file}:${first.line}`;
      this.faults.push({ file, line, why });
    }
  }
}

/** @throws Failure (data) where there are faults: a plan is whole or it is not */
export function assertWhole(faults: readonly Fault[]): void {
  const [first] = faults;
  if (!first) return;
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
  throw new Failure('data', 'bad_desired', `nothing is planned: ${faultText(first)}${more}`, {
    hint: 'A plan is made of all desired records or of none: mend them first.',
    details: { faults },
  });
}

export const faultText = ({ file, line, why }: Fault): string =>
  `${file}${line === null ? '' : `:${line}`}: ${why}`;
