import { extname } from 'node:path';
import { Failure } from '../../../failure.js';
import { readLines } from '../lines.js';
import type { Lists } from '../lists.js';
import { Packer } from '../pack/packer.js';
import type { ReadRow } from '../row.js';
import { NOTHING_TO_SAY, type RowFormat } from './row-format.js';

export const FORMAT_NAMES = ['ndjson', 'csv', 'yaml', 'mosquitto', 'vmq'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

const EXTENSIONS: Readonly<Record<string, FormatName>> = { '.csv': 'csv', '.yaml': 'yaml', '.yml': 'yaml' };

/**
 * The format of an input, by its name where none is asked for.
 *
 * @throws Failure: usage, and those of the ACL file
 */
export async function openFormat(
  input: string,
  wish: { readonly name?: FormatName | undefined; readonly aclFile?: string | undefined },
  given: Lists,
): Promise<RowFormat> {
  const name = wish.name ?? EXTENSIONS[extname(input).toLowerCase()] ?? 'ndjson';
  if (wish.aclFile !== undefined && name !== 'mosquitto' && name !== 'vmq')
    throw new Failure('usage', 'contradicting_flags', '--acl-file goes with --from mosquitto or vmq');
  if (name === 'ndjson') return ndjsonFormat(given);
  const { csvFormat, passwordFormat, yamlFormat } = await import('./other-formats.js');
  if (name === 'csv') return csvFormat(given);
  return name === 'yaml' ? await yamlFormat(given) : await passwordFormat(name, wish.aclFile, given);
}

/** Usual lines are packed; what it takes to read all others is loaded when one comes. */
function ndjsonFormat(given: Lists): RowFormat {
  const packer = new Packer(given);
  let loading: Promise<ReadRow> | undefined;
  return {
    open: (input, from) => readLines(input.read(from), from, '\r\n', (lines) => packer.pack(lines)),
    reader: () => (loading ??= loadReader(given, packer)),
    ...NOTHING_TO_SAY,
  };
}

async function loadReader(given: Lists, packer: Packer): Promise<ReadRow> {
  const { ndjsonReader } = await import('../ndjson.js');
  const { ListTable } = await import('../pack/list-table.js');
  packer.lists = new ListTable(given);
  return ndjsonReader(given);
}
