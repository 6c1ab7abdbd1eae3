/**
 * What a value has to be. Most of it the broker checks too, but by crashing, or only after it has begun.
 *
 * - `text`: anything. - `query`: anything but a double quote, because the broker pastes it into a query of its own.
 * - `integer`, `count` (1 and more), `port`, `limit` (an integer or `infinity`), `boolean` (`true` or `false`).
 * - `time`: `2031-06-01T00:00:00`. - `node`: a node's name. - `address`: an IP address, or `local:PATH`.
 * - `url`: of an HTTP endpoint. - `path`: of a file or folder on the node. - `atom`: a name inside the node.
 */
export type ValueKind =
  | 'text'
  | 'query'
  | 'integer'
  | 'count'
  | 'port'
  | 'limit'
  | 'boolean'
  | 'time'
  | 'node'
  | 'address'
  | 'url'
  | 'path'
  | 'atom';

export interface ValueSpec {
  readonly kind: ValueKind;
  /** How help names it, in capitals. */
  readonly label: string;
  /** The only values there are. */
  readonly oneOf?: readonly string[];
}

/** A `key=value` argument. The order of a command's keys is the order in which the broker wants them. */
export interface KeySpec {
  readonly name: string;
  readonly value: ValueSpec;
  readonly required: boolean;
  /** Another key without which the broker ignores or misreads this one. */
  readonly needs?: string;
  /** Never on a command line of ours, nor in what we print. */
  readonly secret?: true;
  readonly summary: string;
}

export interface FlagSpec {
  /** Without its dashes. */
  readonly name: string;
  readonly short?: string;
  /** None: the flag has no value. */
  readonly value?: ValueSpec;
  /** Whether the flag means something without its value too. */
  readonly valueOptional?: true;
  readonly repeatable?: true;
  /** The command means nothing without it. */
  readonly required?: true;
  readonly summary: string;
}

/** Where the broker does something that its operator would not expect. */
export interface Hazard {
  /** One sentence. */
  readonly text: string;
  /** Told only when this flag is given. */
  readonly withFlag?: string;
}

/** - `nothing`: a question. - `data`: messages, subscriptions or keys. */
export type Change = 'nothing' | 'node' | 'cluster' | 'sessions' | 'data';

export interface CommandSpec {
  /** Such as `['session', 'disconnect', 'batch']`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly keys?: readonly KeySpec[];
  readonly flags?: readonly FlagSpec[];
  /** Names of settings: as further words, or as the keys of `key=value`. */
  readonly settings?: 'words' | 'keys';
  readonly changes: Change;
  /**
   * The broker pastes its values into a query of its own, and reads that as characters. Elsewhere a value is bytes, of
   * UTF-8 where it has other characters than ASCII.
   */
  readonly queries?: true;
  /** Whether it is about the one node that runs it, or the same wherever it is run. */
  readonly scope: 'node' | 'cluster';
  readonly output: 'text' | 'table' | 'stream';
  /** The release that brought it, where that was later than 1.0. */
  readonly since?: string;
  /** The plugin that has to be on. */
  readonly plugin?: string;
  readonly hazards?: readonly Hazard[];
  /** What is at stake: the operator has to agree to it. */
  readonly stake?: Hazard;
  /** The command of ours that does more than forward it. */
  readonly richer?: string;
  readonly examples?: readonly string[];
}
