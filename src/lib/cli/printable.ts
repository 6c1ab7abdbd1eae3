/** What a terminal would obey instead of show, and what would turn the direction of a line. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** A text from elsewhere that may be written to a terminal on one line: control characters appear as `\u001b`. */
export const printable = (text: string): string =>
  // Nearly all texts are of this kind, and there may be very many of them.
  PLAIN.test(text) ? text : escaped(text);

/** A text as it may be shown, and the columns of a terminal that it takes. */
export function measured(text: string): { readonly text: string; readonly width: number } {
  if (PLAIN.test(text)) return { text, width: text.length };
  const shown = escaped(text);
  return { text: shown, width: displayWidth(shown) };
}

const PLAIN = /^[\x20-\x7E…]*$/;

const escaped = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Characters that take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]/u;

/** How many columns of a terminal a printable text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

const widthOf = (character: string): number => (/\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

/** A printable text in so many columns of a terminal; what does not fit ends with an ellipsis. */
export function shortened(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let left = columns - 1;
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : '';
}
