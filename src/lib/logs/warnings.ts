/** A clock that differs less is not worth a word: the question takes a moment too. */
const CLOCK_TOLERANCE = 5000;
const MOST_NAMED = 3;

/** @param ahead milliseconds that the node's clock is ahead of ours */
export function clockIsOff(node: string, ahead: number): string | undefined {
  if (!(Math.abs(ahead) > CLOCK_TOLERANCE)) return undefined;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  return `${node}: its clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the one here; its lines are ordered by its own.`;
}

export const linesMayBeMissing = (node: string): string =>
  `${node}: the log was replaced while it was not looked at; lines may be missing here.`;

/** @param paths the newest first */
export function compressedNotRead(node: string, paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined;
  const more = paths.length > MOST_NAMED ? ` (and ${paths.length - MOST_NAMED} more)` : '';
  return `${node}: compressed logs are not read, and may hold more of what was asked for: ${paths.slice(0, MOST_NAMED).join(', ')}${more}.`;
}
