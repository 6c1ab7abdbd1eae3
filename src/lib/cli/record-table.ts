import { measured, shortened } from './printable.js';
import type { Drawer, RecordShape } from './record-shape.js';
import type { painter } from './render.js';
import { type Cell, cellText } from './view.js';

/** What a line has beside its cells: a bar before each, with a blank on both sides, and a bar at the end. */
const frameOf = (columns: number): number => columns * 3 + 1;

/**
 * Draws a table as its rows come. The first page decides the widths. What does not fit later makes its own line longer, and
 * nothing is cut, unless it is for a terminal: no line is longer than that, and cells that are too long end with an ellipsis.
 *
 * @param terminal how wide it is, where it goes to one
 */
export function tableDrawer<T>(
  { columns, row }: Pick<RecordShape<T>, 'columns' | 'row'>,
  paint: Awaited<ReturnType<typeof painter>>,
  terminal: number | undefined,
): Drawer<T> {
  const room = terminal === undefined ? undefined : Math.max(0, terminal - frameOf(columns.length));
  let widths: readonly number[] = [];
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}\n`;
  const line = (cells: readonly (string | Cell)[], tone?: 'title') => {
    const texts = cells.map((value) => measured(cellText(value)));
    const shown = room === undefined ? texts : fitted(texts, widths, room);
    let drawn = '│';
    for (const [column, { text, width }] of shown.entries()) {
      const value = cells[column];
      const painted = paint(text, tone ?? (typeof value === 'object' ? value.tone : 'plain'));
      drawn += ` ${painted}${blanks((widths[column] ?? 0) - width)} │`;
    }
    return `${drawn}\n`;
  };
  return {
    begin: (first) => {
      const rows = [columns, ...first.map(row)];
      const wanted = columns.map((_, column) =>
        Math.max(...rows.map((cells) => measured(cellText(cells[column] ?? '')).width)),
      );
      widths = room === undefined ? wanted : sharedOut(wanted, room);
      return rule('┌', '┬', '┐') + line(columns, 'title') + rule('├', '┼', '┤');
    },
    items: (items) => items.reduce((text, item) => text + line(row(item)), ''),
    end: () => rule('└', '┴', '┘'),
    isDocument: false,
    tellsFailures: false,
  };
}

/** So many, or none. There are very many cells, and few widths. */
const blanks = (count: number): string => {
  BLANKS[count] ??= ' '.repeat(Math.max(0, count));
  return BLANKS[count];
};
const BLANKS: Record<number, string> = {};

/** What each column gets: the widest ones give way, all alike but for what cannot be shared. */
function sharedOut(wanted: readonly number[], room: number): readonly number[] {
  let widest = Math.max(...wanted);
  const capped = () => wanted.map((width) => Math.min(width, widest));
  while (widest > 1 && sum(capped()) > room) widest -= 1;
  let left = room - sum(capped());
  return wanted.map((width) => {
    if (width <= widest || left <= 0) return Math.min(width, widest);
    left -= 1;
    return widest + 1;
  });
}

/** The texts of one line; those that are longer than their column share what the line has left. */
function fitted(texts: readonly Measured[], widths: readonly number[], room: number): readonly Measured[] {
  let spare = room - sum(widths);
  return texts.map(({ text, width: wanted }, column) => {
    const width = widths[column] ?? 0;
    const more = Math.min(Math.max(0, wanted - width), Math.max(0, spare));
    spare -= more;
    return measured(shortened(text, width + more));
  });
}

type Measured = ReturnType<typeof measured>;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
