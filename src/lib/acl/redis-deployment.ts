import type { RedisConnection } from './redis-connection.js';

/** The servers that hold the records together: one, or the primaries of a cluster. */
export interface RedisDeployment {
  /**
   * Does work with the server that holds a key. It is begun again where that server says that the key is with another one
   * by now, and may be where it cannot be reached.
   *
   * @param work all of whose commands name keys of the same lot; a write without an answer must fail as `unknown`, so
   *   that it is not repeated
   */
  on<T>(key: string, work: (server: RedisConnection) => Promise<T>): Promise<T>;

  /** Splits items into lots whose keys one command, or one transaction, may name together. */
  lots<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[];

  /**
   * Goes through all servers, one after the other.
   *
   * @throws Failure (failed) when keys moved from one server to another meanwhile, so that some may have been missed
   */
  walk<T>(visit: (server: RedisConnection) => AsyncGenerator<T>): AsyncGenerator<T>;

  /** Where all keys are, if that is one server. */
  readonly onlyServer: RedisConnection | undefined;

  close(): void;
}
