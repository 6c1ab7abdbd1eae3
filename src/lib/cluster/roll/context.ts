import type { Fleet } from '../observe.js';
import type { Lock } from '../operations/lock.js';
import type { OperationStore } from '../operations/store.js';
import type { RollOptions } from './options.js';
import type { CommandEnd } from './reasons.js';

/**
 * Runs a line in a shell of this machine to its end. An abort is passed on to it, and its end is waited for all the same.
 *
 * @throws Failure where it was not begun; safety while the command of an earlier run for that node still runs
 */
export type CommandRunner = (line: string, node: string, signal: AbortSignal) => Promise<CommandEnd>;

/** Everything that a roll works with. */
export interface RollContext {
  readonly fleet: Fleet;
  readonly store: OperationStore;
  /** Keeps other processes of this machine from these nodes. */
  readonly lock: (nodes: readonly string[]) => Promise<Lock>;
  readonly run: CommandRunner;
  /** With placeholders. It may hold what nobody else should read: it is not kept, and not shown. */
  readonly command: string;
  /** Those that were named; none means all. */
  readonly nodes: readonly string[];
  readonly resume: boolean;
  readonly options: RollOptions;
  readonly signal?: AbortSignal | undefined;
}
