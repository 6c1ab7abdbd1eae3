import { type ClusterView, memberOf } from '../view.js';
import type { RollProgress } from './events.js';
import { Pace } from './pace.js';
import { currentNode, type RollState } from './state.js';
import type { Situation } from './step.js';
import { findTrouble } from './trouble.js';
import { waitingFor } from './waiting.js';

/** What a look has shown, told by what is waited for. Pure but for the pace that it remembers. */
export class Progress {
  private pace = new Pace();
  private turn = '';

  of(state: RollState, view: ClusterView, situation: Situation): RollProgress | undefined {
    const { phase, since } = state;
    const elapsed = situation.now - since;
    if (phase === 'drain') return this.drain(state, view, situation);
    if (phase === 'gate') return { phase, waiting: waitingFor(state, view, situation) };
    if (phase !== 'back' && phase !== 'recover') return undefined;
    return { phase, elapsed, waiting: waitingFor(state, view, situation) };
  }

  private drain(state: RollState, view: ClusterView, { now, options }: Situation): RollProgress {
    const node = currentNode(state);
    if (this.turn !== node) this.pace = new Pace();
    this.turn = node;
    const sessions = memberOf(view, node)?.own?.counters?.online ?? null;
    return {
      phase: 'drain',
      sessions,
      graceLeft: Math.max(0, state.since + options.grace - now),
      estimate: sessions === null ? null : this.pace.add(sessions, options.untilSessions, now),
      waiting: findTrouble(view, { suspended: node }).map(({ message }) => message),
    };
  }
}
