import type { RecordName } from '../key.js';

/**
 * - `error`: the broker refuses the client, never matches, or certainly permits more than is written.
 * - `warning`: it may well permit more, or something else, than was meant. - `info`: worth knowing.
 */
export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A change that keeps the meaning and grants nothing that was not written down. */
export type Repair =
  | { readonly kind: 'rename'; readonly to: string }
  /** The label of the passhash, in which alone it differs from one that the broker reads. */
  | { readonly kind: 'relabel'; readonly from: string; readonly to: string };

/** What is wrong in one place. */
export interface Remark {
  /** A stable name, for scripts. */
  readonly rule: string;
  readonly severity: Severity;
  /** Such as `publish_acl[0].max_qos`; undefined for what is about the key. */
  readonly field?: string;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  readonly repair?: Repair;
}

export interface Finding extends Remark {
  readonly key: string;
  /** Undefined for a key that is not one of a record. */
  readonly name: RecordName | undefined;
}
