/** The characters that a terminal can show. */
export interface Glyphs {
  /** For a sparkline, from nothing to the most. */
  readonly levels: readonly string[];
  /** Where something was cut. */
  readonly cut: string;
}

export const UNICODE: Glyphs = { levels: [...' ▁▂▃▄▅▆▇█'], cut: '…' };
export const ASCII: Glyphs = { levels: [...' .:-=+*#@'], cut: '~' };

/** By the locale, as POSIX orders its variables. The console of Linux has no font for the blocks. */
export function glyphsFor({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv): Glyphs {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return /utf-?8/i.test(locale) && TERM !== 'linux' ? UNICODE : ASCII;
}
