/** From where on a check warns. */
export interface Thresholds {
  /** Milliseconds for which what may pass by itself is looked at again. */
  readonly settle: number;
  /** Milliseconds between two looks at counters. */
  readonly sample: number;
  /** Sessions taken over by another connection of the same client, per second and node. */
  readonly takeovers: number;
  /** Messages that the queues of the cluster gain, per second. */
  readonly queueGrowth: number;
  /** Bytes between nodes that may have been dropped since a node's start. */
  readonly droppedBytes: number;
  /** Milliseconds that certificates and API keys have to be valid still. */
  readonly validity: number;
  /** Milliseconds of logins, should all clients of the largest node come back elsewhere at once. */
  readonly loginStorm: number;
  /** `vmq_bcrypt.pool_size` of the brokers. */
  readonly bcryptPool: number;
  readonly bcryptCost: number;
}
