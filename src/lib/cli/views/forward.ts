import type { ReplyElement, Row } from '../../admin/rpc.js';
import { printable } from '../printable.js';
import type { Format } from '../render.js';
import { note, type Table, type View } from '../view.js';

/** A broker's answer: its document is that of `vmq-admin --format=json`. */
export function replyView(elements: readonly ReplyElement[], format: Format): View {
  const documents = elements.map(documentOf);
  const document = documents.length === 1 ? documents[0] : documents;
  const lines = elements.flatMap(linesOf);
  const rows = elements.flatMap((element) => (element.type === 'table' ? element.rows : []));
  const isTable = elements.some((element) => element.type === 'table');
  if (format === 'csv' && !isTable)
    return { document, table: { columns: ['text'], rows: lines.map((line) => [printable(line)]) } };
  return { document, above: lines.map((line) => note(line)), ...(isTable ? { table: tableOf(rows) } : {}) };
}

function documentOf(element: ReplyElement): unknown {
  switch (element.type) {
    case 'text':
      return { type: 'text', text: element.text };
    case 'table':
      return { type: 'table', table: element.rows };
    case 'alert':
      return { type: 'alert', alert: element.elements.map(documentOf) };
  }
}

function linesOf(element: ReplyElement): string[] {
  if (element.type === 'table') return [];
  const text = element.type === 'text' ? element.text : element.elements.flatMap(linesOf).join('\n');
  return text.replace(/\n+$/, '').split('\n');
}

/** Tables of several elements, such as one for each script, become one. */
function tableOf(rows: readonly Row[]): Table {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    columns: columns.map(printable),
    rows: rows.map((row) => columns.map((column) => cellOf(row[column]))),
  };
}

/** Cells of several lines, as a plugin's hooks, are put on one. Nothing of a cell steers a terminal, in CSV either. */
const cellOf = (value: Row[string] | undefined) =>
  printable(
    String(value ?? '')
      .trim()
      .replaceAll('\n', ', '),
  );

/** What `--show-command` prints. */
export const lineView = (line: string): View => ({
  document: { command: line },
  above: [note(line)],
  table: { columns: [], rows: [] },
});
