import type { Glyphs } from './glyphs.js';

/**
 * The last values as one character each, the newest at the right; blank where nothing is known.
 *
 * @param most what fills a whole character
 */
export function sparkline(
  values: readonly (number | null)[],
  width: number,
  most: number,
  { levels }: Glyphs,
): string {
  if (width <= 0) return '';
  const top = levels.length - 1;
  const shown = values.slice(-width).map((value) => {
    if (value === null) return ' ';
    // A little is not nothing, and nothing is not a gap.
    const level = value > 0 ? Math.max(2, Math.ceil((Math.min(value, most) / most) * top)) : 1;
    return levels[level] ?? ' ';
  });
  return shown.join('').padStart(width);
}
