import type { ExportPage, LeftOut } from '../acl/bulk/export.js';
import type { RowWriter } from '../acl/bulk/formats/write.js';
import { type Streams, write } from './streams.js';

/** More of them are counted, not named. */
const NAMED = 20;
const FORMULAS =
  'that a spreadsheet would take for formulas: they are exact, so import all columns as text there';
const TOO_LONG = 'its row would be longer than an import takes';

/**
 * Writes rows to stdout as their pages come, and says on stderr what is left out, and why.
 *
 * @returns how many records were left out
 */
export async function writeExport(
  pages: AsyncIterable<ExportPage>,
  writer: RowWriter,
  { out }: Pick<Streams, 'out'>,
  tell: (text: string, tone: 'warning' | 'dim') => Promise<void>,
): Promise<number> {
  let isAbandoned = false;
  let exported = 0;
  let left = 0;
  let risky = 0;
  // The error itself comes out of the writing; here it only tells that more is in vain, as after `| head`.
  out.once('error', () => {
    isAbandoned = true;
  });
  await write(out, writer.heading);
  for await (const page of pages) {
    const { text, count, leftOut } = draw(page, writer);
    if (text !== '') await write(out, text);
    exported += count;
    risky += page.rows.filter((row) => writer.isRisky(row)).length;
    for (const { key, why } of leftOut.slice(0, Math.max(0, NAMED - left)))
      await tell(`warning: ${key} is not exported: ${why}`, 'warning');
    left += leftOut.length;
    if (isAbandoned) return left;
  }
  if (left > NAMED) await tell(`warning: ${left - NAMED} more are not exported`, 'warning');
  if (risky > 0)
    await tell(
      `warning: ${risky} ${risky === 1 ? 'row has a name' : 'rows have names'} ${FORMULAS}`,
      'warning',
    );
  const rest = left > 0 ? `, ${left} left out` : '';
  await tell(`${exported} ${exported === 1 ? 'record' : 'records'} exported${rest}`, 'dim');
  return left;
}

function draw({ rows, leftOut }: ExportPage, writer: RowWriter) {
  const texts: string[] = [];
  const tooLong: LeftOut[] = [];
  for (const row of rows) {
    const text = writer.write(row);
    if (text === undefined) tooLong.push({ key: row.key, why: TOO_LONG });
    else texts.push(text);
  }
  return { text: texts.join(''), count: texts.length, leftOut: [...leftOut, ...tooLong] };
}
