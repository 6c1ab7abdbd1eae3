/** The broker's default `topic_max_depth`: it rejects topics, filters and patterns of more levels. */
export const DEFAULT_TOPIC_MAX_DEPTH = 10;

const LONGEST_TOPIC = 65_535;

/**
 * Why the broker rejects a pattern of an entry, or undefined when it does not. An entry with a rejected pattern stays
 * in the record and never matches anything. Patterns of both lists are checked as subscription filters are.
 */
export function patternProblem(
  pattern: string,
  maxDepth: number = DEFAULT_TOPIC_MAX_DEPTH,
): string | undefined {
  if (pattern === '') return 'is empty';
  if (pattern.includes('\0')) return 'contains NUL, which no topic does';
  // No character has more than three bytes for each of its units.
  if (pattern.length * 3 > LONGEST_TOPIC && Buffer.byteLength(pattern) > LONGEST_TOPIC)
    return `has more than ${LONGEST_TOPIC} bytes`;
  const depth = levelsOf(pattern);
  if (depth > maxDepth)
    return `has ${depth} levels, more than topic_max_depth permits (${maxDepth}${maxDepth === DEFAULT_TOPIC_MAX_DEPTH ? ' by default' : ''})`;
  if (depth < 3 && /^\$share(\/|$)/.test(pattern)) return 'is not $share/GROUP/TOPIC';
  return /[+#]/.test(pattern) ? wildcardProblem(pattern.split('/')) : undefined;
}

/** Counted, not split: imports and exports ask this of very many. */
function levelsOf(pattern: string): number {
  let levels = 1;
  for (let at = pattern.indexOf('/'); at !== -1; at = pattern.indexOf('/', at + 1)) levels += 1;
  return levels;
}

function wildcardProblem(levels: readonly string[]): string | undefined {
  if (levels.slice(0, -1).includes('#')) return 'has a # that is not its last level';
  if (levels.some((level) => level !== '#' && level.includes('#'))) return 'has a # within a level';
  if (levels.some((level) => level !== '+' && level.includes('+'))) return 'has a + within a level';
  return undefined;
}

/** Why the broker rejects the topic of a PUBLISH, or undefined when it does not. */
export function topicProblem(topic: string, maxDepth: number = DEFAULT_TOPIC_MAX_DEPTH): string | undefined {
  if (/[+#]/.test(topic)) return 'has a wildcard';
  return patternProblem(topic, maxDepth);
}
