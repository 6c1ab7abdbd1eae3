import { closest } from '../../suggest.js';
import type { ReadEntry } from '../authorize/entry-reading.js';
import type { RecordName } from '../key.js';
import { isObject } from '../record-json.js';
import type { Action } from '../schema.js';
import type { Remark } from './finding.js';
import { patternRemarks } from './pattern-rules.js';

const FIELDS: Readonly<Record<Action, readonly string[]>> = {
  publish: ['pattern', 'max_qos', 'max_payload_size', 'allowed_retain', 'modifiers'],
  subscribe: ['pattern', 'max_qos', 'modifiers'],
};

/**
 * What the broker makes of one entry that is not what it says.
 *
 * @param raw the entry as it is written
 */
export function entryRemarks(
  entry: ReadEntry,
  action: Action,
  raw: unknown,
  name: RecordName | undefined,
): readonly Remark[] {
  return [
    ...deadRemarks(entry),
    ...entry.ignored.map((what) => ignoredRemark(entry.field, what, action)),
    ...fractionRemarks(entry, raw),
    ...modifierRemarks(entry),
    ...(entry.levels ? patternRemarks(entry.field, entry.levels, action, name) : []),
    ...(isObject(raw) && raw.pattern === null ? [nullPattern(entry.field)] : []),
  ];
}

const deadRemarks = ({ field, neverMatches }: ReadEntry): Remark[] =>
  neverMatches === undefined
    ? []
    : [
        {
          rule: 'dead-entry',
          severity: 'error',
          field,
          message: `never matches: ${neverMatches}`,
          fix: 'Correct the pattern, or remove the entry.',
        },
      ];

function ignoredRemark(entry: string, what: string, action: Action): Remark {
  const [name = '', ...reason] = what.split(' ');
  const field = `${entry}.${name}`;
  const meant = FIELDS[action].includes(name) ? undefined : closest(name, FIELDS[action]);
  if (name === 'modifiers') {
    const message = `${reason.join(' ')}; the entry grants as if it had none`;
    return { rule: 'dropped-modifiers', severity: 'error', field, message, fix: 'Correct or remove them.' };
  }
  if (FIELDS[action].includes(name)) {
    const message = `${reason.join(' ')}; the broker ignores it and permits everything`;
    return {
      rule: 'ignored-limit',
      severity: 'error',
      field,
      message,
      fix: 'Give a value of the right type, without quotes.',
    };
  }
  return {
    rule: 'unknown-field',
    severity: meant === undefined ? 'warning' : 'error',
    field,
    message: `has no effect: it is no field of an entry to ${action}`,
    fix: meant === undefined ? 'Remove it.' : `Did you mean ${meant}?`,
  };
}

function fractionRemarks({ field, maxQos, maxPayloadSize }: ReadEntry, raw: unknown): Remark[] {
  const read = { max_qos: maxQos, max_payload_size: maxPayloadSize };
  return Object.entries(read).flatMap(([name, whole]): Remark[] => {
    const written = isObject(raw) ? raw[name] : undefined;
    if (typeof written !== 'number' || Number.isInteger(written) || Math.trunc(written) !== whole) return [];
    const message = `is ${written}, which the broker reads as ${whole}`;
    return [
      { rule: 'fraction', severity: 'warning', field: `${field}.${name}`, message, fix: `Write ${whole}.` },
    ];
  });
}

function modifierRemarks({ field: entry, rewrites, changes }: ReadEntry): Remark[] {
  const field = `${entry}.modifiers`;
  const remarks: Remark[] = [];
  if (rewrites?.length === 0) {
    const message = 'are empty: the subscription is acknowledged, and the client gets nothing';
    remarks.push({ rule: 'empty-modifiers', severity: 'warning', field, message, fix: 'Remove them.' });
  }
  if (rewrites?.some(({ qos }) => qos < 0 || qos > 2)) {
    const message = 'have a QoS that MQTT does not have: the subscription is refused';
    remarks.push({ rule: 'refused-modifiers', severity: 'warning', field, message, fix: 'Use 0, 1 or 2.' });
  }
  if (changes && Object.hasOwn(changes, 'properties')) {
    const message = 'with properties are dropped by brokers before 2.2.0';
    remarks.push({
      rule: 'version-differs',
      severity: 'info',
      field,
      message,
      fix: 'Use them with 2.2.0 only.',
    });
  }
  return remarks;
}

const nullPattern = (entry: string): Remark => ({
  rule: 'null-pattern',
  severity: 'error',
  field: `${entry}.pattern`,
  message: 'is null, which the broker reads as the topic "null"',
  fix: 'Give a pattern, or remove the entry.',
});
