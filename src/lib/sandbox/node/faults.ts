import { CommandFaults } from './command-faults.js';
import { Gate } from './gate.js';

/** What a queue loses when it moves: all of it, or its messages. */
export type Loss = 'queue' | 'messages';

/** What can be made to go wrong on a node. */
export class NodeFaults {
  /** A leave finds its sessions online for ever. */
  sessionsStayOnline = false;
  /** Nodes that this one does not see, though they see it. */
  readonly blindTo = new Set<string>();
  /** HTTP paths that are never answered, such as `/status.json`. */
  readonly hangingPaths = new Set<string>();
  readonly commands = new CommandFaults();
  /** Shut: a migration from this node stands still. */
  readonly migration = new Gate();
  /** Clients whose queues do not move away. */
  readonly heldQueues = new Set<string>();
  readonly lostQueues = new Map<string, Loss>();
  /** Others drop messages for it, without end. */
  isFlooded = false;
  /** What the next step of a leave answers, and does no more. */
  leaveCrash: string | 'crashed' | null = null;
}
