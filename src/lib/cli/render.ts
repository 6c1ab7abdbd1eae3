import { printable } from './printable.js';
import { type Cell, cellText, type Note, type Table, type Tone, type View } from './view.js';

export const FORMATS = ['table', 'json', 'csv', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

/** Turns a view into the text of one format, with its final newline. Colour only in `table`, and only if asked. */
export async function render(view: View, format: Format, colour: boolean): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(view.document, null, 2)}\n`;
    case 'yaml':
      return (await import('js-yaml')).dump(view.document, { noRefs: true, lineWidth: 110 });
    case 'csv':
      return renderCsv(view.table ?? { columns: [], rows: [] });
    case 'table':
      return await renderHuman(view, colour);
  }
}

/** RFC 4180, with the line ends that `vmq-admin --format=csv` has. */
export function renderCsv(table: Table): string {
  const known = new Map<string, string>();
  const quote = (text: string): string => {
    if (!NEEDS_QUOTES.test(text)) return text;
    // Many rows have the same long texts.
    const found = known.get(text) ?? `"${text.replaceAll('"', '""')}"`;
    known.set(text, found);
    return found;
  };
  const line = (cells: readonly (string | Cell)[]) =>
    `${cells.map((one) => quote(cellText(one))).join(',')}\r\n`;
  return line(table.columns) + table.rows.map(line).join('');
}

const NEEDS_QUOTES = /[",\r\n]/;

/** Names and texts come from brokers and records: nothing of them may steer the terminal or begin a line. */
async function renderHuman(view: View, colour: boolean): Promise<string> {
  const paint = await painter(colour);
  const notes = (list: readonly Note[] = []) => list.map(({ text, tone }) => paint(printable(text), tone));
  const table = view.table && view.table.columns.length > 0 ? [await drawTable(view.table, paint)] : [];
  return [...notes(view.above), ...table, ...notes(view.below)].map((line) => `${line}\n`).join('');
}

type Paint = (text: string, tone: Tone | 'title') => string;

export async function painter(colour: boolean): Promise<Paint> {
  if (!colour) return (text) => text;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  const paints = {
    plain: (text: string) => text,
    good: chalk.green,
    warning: chalk.yellow,
    bad: chalk.red,
    dim: chalk.dim,
    title: chalk.bold,
  };
  return (text, tone) => paints[tone](text);
}

async function drawTable(table: Table, paint: Paint): Promise<string> {
  const { default: CliTable } = await import('cli-table3');
  const drawn = new CliTable({
    head: table.columns.map((name) => paint(name, 'title')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of table.rows) {
    drawn.push(row.map((value) => paint(printable(cellText(value)), toneOf(value))));
  }
  return drawn.toString();
}

const toneOf = (value: string | Cell): Tone => (typeof value === 'string' ? 'plain' : value.tone);
