import { displayWidth, printable } from '../printable.js';

/** At most so many columns of the beginning of a text. */
export function takeColumns(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const character of text) {
    used += displayWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

/** Cut at its end where it is too wide. */
export function cutEnd(text: string, width: number, mark: string): string {
  if (displayWidth(text) <= width) return text;
  return width < 2 ? takeColumns(text, width) : takeColumns(text, width - 1) + mark;
}

/** Cut in its middle: what tells names apart stands at either end. */
export function cutMiddle(text: string, width: number, mark: string): string {
  if (displayWidth(text) <= width) return text;
  if (width < 5) return cutEnd(text, width, mark);
  const head = takeColumns(text, Math.ceil((width - 1) / 2));
  const backwards = [...text].toReversed().join('');
  const tail = [...takeColumns(backwards, width - 1 - displayWidth(head))].toReversed().join('');
  return head + mark + tail;
}

export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));

export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - displayWidth(text))) + text;

/**
 * Breaks a text from elsewhere into lines at its blanks; a word that is wider than a line is cut.
 *
 * @param first what the first line begins with; the others are indented as far
 */
export function wrap(first: string, text: string, width: number, mark: string): string[] {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let isFresh = true;
  for (const word of printable(text).split(' ')) {
    const longer = isFresh ? line + word : `${line} ${word}`;
    if (!isFresh && displayWidth(longer) > width) {
      lines.push(line);
      line = cutEnd(indent + word, width, mark);
    } else line = cutEnd(longer, width, mark);
    isFresh = false;
  }
  return [...lines, line];
}

/** `7.5`, `812`, `12.3k`, `4.5M`: never more than five characters below a thousand millions. */
export function compact(value: number): string {
  if (value < 10 && !Number.isInteger(value)) return value.toFixed(1);
  const rounded = Math.round(value);
  if (rounded < 10_000) return String(rounded);
  const [unit, divisor] = rounded < 999_950 ? ['k', 1e3] : rounded < 999_950_000 ? ['M', 1e6] : ['G', 1e9];
  const shown = rounded / divisor;
  return `${shown < 99.95 ? shown.toFixed(1) : Math.round(shown)}${unit}`;
}
