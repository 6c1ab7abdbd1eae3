import { dead } from './dead.js';
import { KEYS } from './keys.js';
import { LEAVES } from './leaves.js';
import type { Scenario } from './replay.js';
import { STATES } from './states.js';

/** All that is replayed. Each scenario has a sandbox of its own. */
export const SCENARIOS: readonly Scenario[] = [...STATES, ...LEAVES, dead, ...KEYS];
