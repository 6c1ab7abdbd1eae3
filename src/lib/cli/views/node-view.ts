import type { Row } from '../../admin/rpc.js';
import { printable } from '../printable.js';
import type { View } from '../view.js';

/** One node's own `cluster show`, as the document that `vmq-admin --format=json` prints. */
export function nodeView(rows: readonly Row[]): View {
  return {
    document: { table: rows, type: 'table' },
    table: { columns: ['Node', 'Running'], rows: rows.map((row) => [String(row.Node), String(row.Running)]) },
  };
}

/**
 * The table as `vmq-admin cluster show` draws it, to the byte: a rule under every row, bold headers also when piped.
 */
export function drawAsVmqAdmin(rows: readonly Row[], bold: boolean): string {
  const lines = [['Node', 'Running'], ...rows.map((row) => [row.Node, row.Running].map(shown))];
  const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const draw = (line: readonly string[], header: boolean) =>
    `|${line.map((text, column) => ` ${embolden(text, header && bold)}${' '.repeat((widths[column] ?? 0) - text.length)} `).join('|')}|\n`;
  return rule + lines.map((line, index) => draw(line, index === 0) + rule).join('');
}

const shown = (value: Row[string] | undefined) => printable(String(value));

const embolden = (text: string, bold: boolean) => (bold ? `\u001b[1m${text}\u001b[0m` : text);
