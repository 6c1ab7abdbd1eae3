import type { Fleet } from '../observe.js';
import type { LeaveJournal } from './journal.js';
import type { LeaveOptions } from './options.js';

/** Everything that a leave works with. */
export interface LeaveContext {
  readonly fleet: Fleet;
  readonly journal: LeaveJournal;
  readonly options: LeaveOptions;
  readonly signal?: AbortSignal | undefined;
}
