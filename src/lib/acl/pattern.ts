/** The broker's default `topic_max_depth`: it rejects topics, filters and patterns of more levels. */
export const DEFAULT_TOPIC_MAX_DEPTH = 10;

/** In bytes. One more than MQTT has room for, and the broker takes it. */
const LONGEST_PATTERN = 65_536;

/**
 * Why the broker rejects a pattern of an entry, or undefined when it does not. An entry with a rejected pattern stays
 * in the record and never matches anything. Patterns of both lists are checked as subscription filters are.
 */
export function patternProblem(
  pattern: string,
  maxDepth: number = DEFAULT_TOPIC_MAX_DEPTH,
): string | undefined {
  const depth = levelsOf(pattern);
  const problem = textProblem(pattern, depth, maxDepth);
  if (problem !== undefined) return problem;
  if (depth < 3 && /^\$share(\/|$)/.test(pattern)) return 'is not $share/GROUP/TOPIC';
  return MISPLACED.test(pattern) ? wildcardProblem(pattern.split('/')) : undefined;
}

/** A wildcard that is no level by itself, or a # that is not the last one. */
const MISPLACED = /#.|[^/][+#]|\+[^/]/s;

function wildcardProblem(levels: readonly string[]): string | undefined {
  if (levels.slice(0, -1).includes('#')) return 'has a # that is not its last level';
  if (levels.some((level) => level !== '#' && level.includes('#'))) return 'has a # within a level';
  if (levels.some((level) => level !== '+' && level.includes('+'))) return 'has a + within a level';
  return undefined;
}

/** Why the broker rejects the topic of a PUBLISH, or undefined when it does not. */
export function topicProblem(topic: string, maxDepth: number = DEFAULT_TOPIC_MAX_DEPTH): string | undefined {
  if (/[+#]/.test(topic)) return 'has a wildcard';
  return textProblem(topic, levelsOf(topic), maxDepth);
}

/** Counted, not split: imports and exports ask this of very many. */
function levelsOf(text: string): number {
  let levels = 1;
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) levels += 1;
  return levels;
}

/** What is wrong with a pattern and a topic alike. */
function textProblem(text: string, depth: number, maxDepth: number): string | undefined {
  if (text === '') return 'is empty';
  if (text.includes('\0')) return 'contains NUL, which no topic does';
  // No character has more than three bytes for each unit of text.
  if (text.length * 3 > LONGEST_PATTERN && Buffer.byteLength(text) > LONGEST_PATTERN)
    return `has more than ${LONGEST_PATTERN} bytes`;
  if (depth > maxDepth)
    return `has ${depth} levels, more than topic_max_depth permits (${maxDepth}${maxDepth === DEFAULT_TOPIC_MAX_DEPTH ? ' by default' : ''})`;
  return undefined;
}
