import { isUsablePasshash } from './passhash.js';
import { patternProblem } from './pattern.js';
import { isObject } from './record-json.js';

/** The largest payload in MQTT, in bytes. */
const LARGEST_PAYLOAD = 268_435_456;

/**
 * Whether a record is one of those of which all is known at a glance: nothing is wrong with it, and it has no more than the
 * usual members. It is ten times faster than the schema, which judges all others.
 *
 * @param record with ordinary numbers
 */
export function isFlawless(record: unknown, maxDepth: number): boolean {
  if (!isObject(record) || typeof record.passhash !== 'string') return false;
  return (
    isUsablePasshash(record.passhash) &&
    isFlawlessList(record.publish_acl, PUBLISH_FIELDS, maxDepth) &&
    isFlawlessList(record.subscribe_acl, SUBSCRIBE_FIELDS, maxDepth)
  );
}

type Check = (value: unknown, maxDepth: number) => boolean;

const SUBSCRIBE_FIELDS = new Map<string, Check>([
  [
    'pattern',
    (value, maxDepth) => typeof value === 'string' && patternProblem(value, maxDepth) === undefined,
  ],
  ['max_qos', (value) => value === 0 || value === 1 || value === 2],
]);

const PUBLISH_FIELDS = new Map<string, Check>([
  ...SUBSCRIBE_FIELDS,
  [
    'max_payload_size',
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_PAYLOAD,
  ],
  ['allowed_retain', (value) => typeof value === 'boolean'],
]);

function isFlawlessList(list: unknown, fields: ReadonlyMap<string, Check>, maxDepth: number): boolean {
  if (list === undefined) return true;
  if (!Array.isArray(list)) return false;
  for (const entry of list) if (!isFlawlessEntry(entry, fields, maxDepth)) return false;
  return true;
}

function isFlawlessEntry(entry: unknown, fields: ReadonlyMap<string, Check>, maxDepth: number): boolean {
  if (!isObject(entry) || entry.pattern === undefined) return false;
  for (const name in entry) if (!fields.get(name)?.(entry[name], maxDepth)) return false;
  return true;
}
