/**
 * OpenSSH patterns (ssh_config(5), PATTERNS): `*` is any text, `?` one character, a list has commas, `!` negates.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/(\\\*)+/g, '.*')
    .replace(/\\\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Whether one of the patterns matches and none that is negated does. */
export function matchesList(patterns: readonly string[], text: string): boolean {
  let isMatch = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), text)) return false;
    } else if (matchesPattern(pattern, text)) isMatch = true;
  }
  return isMatch;
}
