/** What a member that stays can take, as far as it is known beforehand. */
export interface Capacity {
  /** Sessions of the leaving node that will come back elsewhere. */
  readonly sessions: number;
  readonly survivors: number;
  /** bcrypt checks that one broker runs at a time: `vmq_bcrypt.pool_size`, 1 unless it was changed (vernemq.md §4.7). */
  readonly bcryptPool: number;
  /** log2 of the rounds of the stored hashes; the broker's own default is 12. */
  readonly bcryptCost: number;
}

export interface Storm {
  /** Logins per second that all members that stay can check together. */
  readonly loginRate: number;
  /** Milliseconds of logins, should all sessions come back at once. */
  readonly lasts: number;
}

/** Milliseconds of one check with 10 rounds on a processor of today (reference figures, 2020s server); each round doubles it. */
const CHECK = { rounds: 10, takes: 50 };

/** How long the storm of logins would last if all sessions were kicked at once. */
export function estimateStorm({ sessions, survivors, bcryptPool, bcryptCost }: Capacity): Storm {
  const takes = CHECK.takes * 2 ** (bcryptCost - CHECK.rounds);
  const loginRate = (survivors * bcryptPool * 1000) / takes;
  return { loginRate, lasts: (sessions / loginRate) * 1000 };
}
