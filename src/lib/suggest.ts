import { distance } from 'fastest-levenshtein';

/** The candidate that was most likely meant, if one is near enough to be worth saying. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, steps }) => steps <= Math.max(2, Math.floor(candidate.length / 4)))
    .sort((one, other) => one.steps - other.steps);
  return near[0]?.candidate;
}

/** `; did you mean X?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[], suffix = ''): string {
  const meant = closest(word, candidates);
  return meant === undefined ? '' : `; did you mean ${meant}${suffix}?`;
}
