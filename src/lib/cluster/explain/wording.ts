import type { Evidence } from './evidence.js';
import type { LogFinding } from './log-lines.js';

/** - `certain`: somebody has said so. - `likely`: it fits all that was seen. - `possible`: it fits, as other things do. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** Why a client is, or comes to be, disconnected. */
export interface Cause {
  readonly code: string;
  readonly confidence: Confidence;
  readonly message: string;
  readonly cure: string;
}

type Of<Kind extends LogFinding['kind']> = Extract<LogFinding, { readonly kind: Kind }>;

export const logged = <Kind extends LogFinding['kind']>({ findings }: Evidence, kind: Kind): Of<Kind>[] =>
  findings.filter((finding): finding is Of<Kind> => finding.kind === kind);

export const times = (count: number) => (count === 1 ? 'once' : `${count} times`);
export const seconds = (milliseconds: number) => `${Math.round(milliseconds / 1000)} s`;
export const list = (items: readonly string[]) => [...new Set(items)].join(', ');

/** Of its looks: in a take-over the client is away for a moment; one that comes again by itself is so for longer. */
const AWAY_SHARE = 0.25;

/** How often the client came anew, and whether it was away for much of the time. */
export function returns({ history }: Evidence) {
  const { connections, away, looks } = history;
  return { count: Math.max(0, connections.length - 1), isAway: away > looks * AWAY_SHARE };
}
