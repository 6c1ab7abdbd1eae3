import { openFormat } from '../../../../../src/lib/acl/bulk/formats/format.js';
import type { RowFormat } from '../../../../../src/lib/acl/bulk/formats/row-format.js';
import { BEGINNING, type LineBatch, type Position } from '../../../../../src/lib/acl/bulk/lines.js';

/** An input in memory, that comes in chunks of these lengths, the last one having the rest. */
export const inputOf = (content: string | Uint8Array, lengths: readonly number[] = []) => {
  const bytes = Buffer.from(content as string);
  return {
    async *read({ bytes: start }: Position): AsyncGenerator<Buffer> {
      let from = start;
      for (const length of [...lengths, bytes.length]) {
        if (from >= bytes.length) return;
        yield bytes.subarray(from, from + length);
        from += length;
      }
    },
  };
};

/** What a format reads: `LINE key`, or `LINE: why it is none`. */
export async function readAll(format: RowFormat, input: ReturnType<typeof inputOf>, from = BEGINNING) {
  const batches: LineBatch[] = [];
  const told: string[] = [];
  const read = await format.reader();
  for await (const batch of format.open(input, from)) {
    batches.push(batch);
    for (const [index, text] of batch.texts.entries()) {
      const line = batch.start.line + index;
      const problem = batch.problems.get(index);
      const reading = problem === undefined ? read(text) : { ok: false as const, why: problem };
      if (reading) told.push(reading.ok ? `${line} ${reading.row.key}` : `${line}: ${reading.why}`);
    }
  }
  return { batches, told };
}

export const formatOf = (name: 'csv' | 'yaml' | 'mosquitto' | 'vmq' | 'ndjson') =>
  openFormat('-', { name }, {});
