/** How a roll goes from node to node. Durations are milliseconds. */
export interface RollOptions {
  /** How long sessions may take to go by themselves before the command is run. */
  readonly grace: number;
  /** So few sessions are not waited for. */
  readonly untilSessions: number;
  /** How long the node may take to be back, and after that its clients. */
  readonly backWithin: number;
  /** Percent of the sessions that the whole cluster had before. */
  readonly sessionsBack: number;
  /** How many more messages may wait in the whole cluster than before the node's turn. */
  readonly maxQueueGrowth: number;
  /** A node may come back without a listener that it had. */
  readonly allowMissingListener: boolean;
  /** Between a node that is done and the next. */
  readonly pause: number;
  /** For all of it. */
  readonly timeout: number | undefined;
}
