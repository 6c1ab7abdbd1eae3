import type { ExportedRow } from '../export.js';
import { LONGEST_LINE } from '../lines.js';

export const EXPORT_FORMATS = ['ndjson', 'csv', 'yaml'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How rows are written so that an import reads the same ones. */
export interface RowWriter {
  readonly heading: string;
  /** Whether another program would take a text of the row for something else than text. */
  isRisky(row: ExportedRow): boolean;
  /** Undefined for a row that is longer than an import takes. */
  write(row: ExportedRow): string | undefined;
}

const COLUMNS = ['mountpoint', 'client_id', 'username', 'passhash', 'publish_acl', 'subscribe_acl'] as const;

const WRITERS: Readonly<Record<ExportFormat, { heading: string; draw: (row: ExportedRow) => string }>> = {
  ndjson: { heading: '', draw: ndjson },
  csv: { heading: csvLine(COLUMNS), draw: csv },
  yaml: { heading: '', draw: yaml },
};

export function rowWriter(format: ExportFormat): RowWriter {
  const { heading, draw } = WRITERS[format];
  return {
    heading,
    isRisky: (row) => format === 'csv' && hasFormula(row),
    write: (row) => {
      const text = draw(row);
      return Buffer.byteLength(text) > LONGEST_LINE ? undefined : text;
    },
  };
}

const json = (text: string): string => JSON.stringify(text);

/** In the order that is read fastest. */
function ndjson({ name: { mountpoint, clientId, username }, passhash, lists }: ExportedRow): string {
  return `{"mountpoint":${json(mountpoint)},"client_id":${json(clientId)},"username":${json(username)},"passhash":${json(passhash)},"publish_acl":${lists.publish},"subscribe_acl":${lists.subscribe}}\n`;
}

/** A spreadsheet computes what begins so. */
const FORMULA = /^[=+\-@\t\r]/;
const hasFormula = ({ name: { mountpoint, clientId, username } }: ExportedRow): boolean =>
  FORMULA.test(mountpoint) || FORMULA.test(clientId) || FORMULA.test(username);

/** Cells are as they are, to the byte, formulas or not: an import gives them back. */
function csv({ name, passhash, lists }: ExportedRow): string {
  return csvLine([name.mountpoint, name.clientId, name.username, passhash, lists.publish, lists.subscribe]);
}

function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(',')}\r\n`;
}

/** JSON is YAML, but for characters that YAML wants escaped. */
function yaml({ name: { mountpoint, clientId, username }, passhash, lists }: ExportedRow): string {
  const text = `- mountpoint: ${json(mountpoint)}\n  client_id: ${json(clientId)}\n  username: ${json(username)}\n  passhash: ${json(passhash)}\n  publish_acl: ${lists.publish}\n  subscribe_acl: ${lists.subscribe}\n`;
  return text.replace(UNPRINTABLE, escaped);
}

const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
