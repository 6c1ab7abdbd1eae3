import type { RecordName } from '../../../src/lib/acl/key.js';
import { type BrokerVersion, goldenFile } from '../../support/golden.js';

export interface GoldenRecord {
  readonly rawKey: string;
  readonly value: string | { readonly base64: string };
}

export interface GoldenAction {
  readonly type: 'connect' | 'publish' | 'subscribe';
  readonly topic?: string;
  readonly filters?: readonly (readonly [string, 0 | 1 | 2])[];
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  readonly payloadBytes?: number;
}

/** One decision of a real broker. */
export interface GoldenCase {
  readonly id: string;
  readonly record: GoldenRecord | readonly GoldenRecord[];
  readonly connect: { readonly clientId: string; readonly username?: string; readonly password?: string };
  readonly action: GoldenAction;
  readonly decision: 'allow' | 'deny';
}

export const goldenCases = (version: BrokerVersion): GoldenCase[] =>
  (goldenFile(`acl-${version}.json`) as { cases: GoldenCase[] }).cases;

export const recordsOf = ({ record }: GoldenCase): readonly GoldenRecord[] =>
  Array.isArray(record) ? record : [record as GoldenRecord];

/** The client, in the default mountpoint, where all cases were recorded. */
export const nameOf = ({ connect }: GoldenCase): RecordName => ({
  mountpoint: '',
  clientId: connect.clientId,
  username: connect.username ?? '',
});

/** The parsed value, or undefined where it is not strict JSON. */
export function parsedValue(record: GoldenRecord | undefined): unknown {
  if (typeof record?.value !== 'string') return undefined;
  try {
    return JSON.parse(record.value);
  } catch {
    return undefined;
  }
}
