import { Failure } from '../../failure.js';
import type { Broker } from '../authorize/broker.js';
import {
  ANY_CLIENT,
  assertUsableName,
  canonicalKey,
  parseRecordKey,
  type RecordName,
  recordKey,
} from '../key.js';
import type { ScannedKey } from '../store.js';
import type { Remark } from './finding.js';

/** What the broker never asks for, and why. */
export function keyRemarks({ key, isUtf8 }: ScannedKey, broker: Broker): readonly Remark[] {
  if (!isUtf8) return [noRecord('is not UTF-8')];
  const canonical = canonicalKey(key);
  const name = canonical === undefined ? undefined : parseRecordKey(canonical);
  if (canonical === undefined || !name) return [noRecord('is no list of mountpoint, client id and username')];
  const misordered = misorderedRemark(name);
  if (misordered) return [misordered];
  const unusable = nameRemark(name, broker);
  if (unusable) return [unusable];
  return canonical === key ? [] : [misspelled(canonical)];
}

const noRecord = (problem: string): Remark => ({
  rule: 'key-shape',
  severity: 'warning',
  message: `the key ${problem}, so no broker asks for it`,
  fix: 'Write the record with vmqctl acl set, and remove this key.',
});

const misspelled = (canonical: string): Remark => ({
  rule: 'key-spelling',
  severity: 'error',
  message: `no broker asks for a key that is spelled so, but for ${canonical}`,
  fix: `Rename it to ${canonical}.`,
  repair: { kind: 'rename', to: canonical },
});

/** No client has an empty id: where the empty part, which is the usual mountpoint, stands second, the order is wrong. */
function misorderedRemark({ mountpoint, clientId, username }: RecordName): Remark | undefined {
  if (clientId !== '' || mountpoint === '' || username === '') return undefined;
  const to = recordKey({ mountpoint: '', clientId: mountpoint, username });
  return {
    rule: 'key-order',
    severity: 'error',
    message:
      'the client id is empty, and no client has an empty id: the order is mountpoint, client id, username',
    fix: `Rename it to ${to}.`,
    repair: { kind: 'rename', to },
  };
}

function nameRemark(name: RecordName, broker: Broker): Remark | undefined {
  const bytes = Buffer.byteLength(name.clientId);
  if (name.clientId !== ANY_CLIENT && bytes > broker.maxClientIdSize) {
    return unusableName(
      `the client id has ${bytes} bytes, more than max_client_id_size (${broker.maxClientIdSize})`,
      'Use a shorter one, or raise max_client_id_size on all nodes.',
    );
  }
  try {
    assertUsableName(name);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return unusableName(error.message, error.hint ?? 'Use another name.');
  }
}

const unusableName = (message: string, fix: string): Remark => ({
  rule: 'unusable-name',
  severity: 'error',
  message,
  fix,
});
