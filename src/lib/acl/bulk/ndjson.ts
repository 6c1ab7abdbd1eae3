import { readStoredRecord } from '../record-json.js';
import { KnownLists, type Lists } from './lists.js';
import { checkRow, type ReadRow } from './row.js';

/** Reads the lines of an NDJSON input: each a JSON object, or empty. Undefined for an empty one. */
export function ndjsonReader(given: Lists): ReadRow {
  const known = new KnownLists(given);
  return (line) => {
    const usual = readUsual(line, known);
    if (usual) return { ok: true, row: usual };
    if (line.trim() === '') return undefined;
    const reading = readStoredRecord(line);
    return reading.ok ? checkRow(reading.record, given) : { ok: false, why: reading.reason };
  };
}

/**
 * The usual line: all fields in the usual order, a hash that is ready, and names in which nothing is escaped. What does
 * not fit is no error: it is read in the general way, which is several times slower and finds the same of this one.
 */
const USUAL =
  /^\{"mountpoint":"([!#-[\]-~]*)","client_id":"([!#-[\]-~]+)","username":"([!#-[\]-~]*)","passhash":"(\$2a\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26])","publish_acl":(\[[^\]]*\]),"subscribe_acl":(\[[^\]]*\])\}$/;

/** Longer names are left to the general way, which knows what MQTT allows. */
const LONGEST_USUAL = 4096;

function readUsual(line: string, known: KnownLists) {
  const found = line.length <= LONGEST_USUAL ? USUAL.exec(line) : null;
  if (!found) return undefined;
  const [, mountpoint = '', clientId = '', username = '', passhash = '', publish = '', subscribe = ''] =
    found;
  if (!known.areGood(publish, 'publish') || !known.areGood(subscribe, 'subscribe')) return undefined;
  return {
    key: `["${mountpoint}","${clientId}","${username}"]`,
    credential: { kind: 'passhash', passhash, relabelled: false },
    lists: { publish, subscribe },
  } as const;
}
