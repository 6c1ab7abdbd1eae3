import { patternProblem } from '../pattern.js';
import type { Action } from '../schema.js';
import type { Broker } from './broker.js';
import { type ModifierReading, readPublishModifiers } from './publish-modifiers.js';
import { type Rewrite, readSubscribeModifiers } from './subscribe-modifiers.js';
import { isList, isTable, kindOf, type LuaTable, ScriptError, textOf } from './values.js';

/** The largest payload in MQTT, in bytes. */
export const LARGEST_PAYLOAD = 268_435_456;

/** One entry as the broker reads it. */
export interface ReadEntry {
  /** Its place in the record, such as `publish_acl[0]`. */
  readonly field: string;
  readonly pattern: string | undefined;
  /** The levels of the pattern, before substitution; undefined where the entry can never match. */
  readonly levels: readonly string[] | undefined;
  readonly neverMatches: string | undefined;
  readonly maxQos: number;
  readonly maxPayloadSize: number;
  readonly allowedRetain: boolean;
  /** What publishing is changed to. */
  readonly changes: Readonly<Record<string, unknown>> | undefined;
  /** What subscribing is changed to. */
  readonly rewrites: readonly Rewrite[] | undefined;
  /** Members that have no effect, such as `max_qos must be a number from 0 to 2`. */
  readonly ignored: readonly string[];
}

/**
 * Reads one entry of a list.
 *
 * @param isListed whether it stands in a list: of what stands in an object instead, the script checks nothing
 * @throws ScriptError
 */
export function readEntry(
  item: unknown,
  action: Action,
  field: string,
  isListed: boolean,
  broker: Broker,
): ReadEntry {
  if (!isTable(item)) throw new ScriptError(field, `is ${kindOf(item)}, not an object`);
  if (isListed) assertFields(item, field);
  const members: Readonly<Record<string, unknown>> = isList(item) ? {} : item;
  const pattern = textOf(members.pattern);
  const problem = pattern === undefined ? undefined : patternProblem(pattern, broker.topicMaxDepth);
  const never = pattern === undefined ? 'it has no pattern' : problem && `its pattern ${problem}`;
  const modifiers = readModifiers(members.modifiers, action, `${field}.modifiers`, broker);
  return {
    field,
    pattern,
    levels: never === undefined ? pattern?.split('/') : undefined,
    neverMatches: never,
    maxQos: limit(members.max_qos, 2),
    maxPayloadSize: action === 'publish' ? limit(members.max_payload_size, LARGEST_PAYLOAD) : LARGEST_PAYLOAD,
    allowedRetain: action !== 'publish' || members.allowed_retain !== false,
    changes: modifiers.publish.kind === 'used' ? modifiers.publish.value : undefined,
    rewrites: modifiers.subscribe.kind === 'used' ? modifiers.subscribe.value : undefined,
    ignored: ignoredFields(members, action, modifiers[action]),
  };
}

/** The assertions of the script. One member of the wrong kind fails the whole record, not only its entry. */
function assertFields(item: LuaTable, field: string): void {
  if (isList(item)) {
    if (item.length > 0) throw new ScriptError(field, 'is a list, not an object');
    return;
  }
  for (const name in item) {
    const value = item[name];
    if (name === 'modifiers') {
      if (!isTable(value)) throw new ScriptError(`${field}.modifiers`, `is ${kindOf(value)}, not an object`);
    } else if (isTable(value)) {
      throw new ScriptError(`${field}.${name}`, `is ${kindOf(value)}`);
    } else if (name === 'pattern' && textOf(value) === undefined) {
      throw new ScriptError(`${field}.pattern`, `is ${kindOf(value)}, not a string`);
    }
  }
}

const NONE = { publish: { kind: 'none' }, subscribe: { kind: 'none' } } as const;

interface Modifiers {
  readonly publish: ModifierReading<Readonly<Record<string, unknown>>>;
  readonly subscribe: ModifierReading<readonly Rewrite[]>;
}

function readModifiers(value: unknown, action: Action, field: string, broker: Broker): Modifiers {
  if (!isTable(value)) return NONE;
  return action === 'publish'
    ? { ...NONE, publish: readPublishModifiers(value, field, broker) }
    : { ...NONE, subscribe: readSubscribeModifiers(value, field, broker) };
}

/** What is no number in the range is ignored, so it permits everything. */
const limit = (value: unknown, highest: number): number =>
  isInRange(value, highest) ? Math.trunc(value) : highest;

const isInRange = (value: unknown, highest: number): value is number =>
  typeof value === 'number' && value >= 0 && value <= highest;

/** Why a member has no effect, or undefined when it has. */
type Judge = (value: unknown) => string | undefined;

const JUDGES: Readonly<Record<Action, ReadonlyMap<string, Judge>>> = {
  publish: new Map<string, Judge>([
    ['max_qos', (value) => (isInRange(value, 2) ? undefined : 'must be a number from 0 to 2')],
    [
      'max_payload_size',
      (value) =>
        isInRange(value, LARGEST_PAYLOAD) ? undefined : `must be a number from 0 to ${LARGEST_PAYLOAD}`,
    ],
    ['allowed_retain', (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')],
  ]),
  subscribe: new Map<string, Judge>([
    ['max_qos', (value) => (isInRange(value, 2) ? undefined : 'must be a number from 0 to 2')],
  ]),
};

const NO_FIELD: Judge = () => 'is no field that the broker knows here';

const NOTHING: readonly string[] = [];

function ignoredFields(
  members: Readonly<Record<string, unknown>>,
  action: Action,
  modifiers: ModifierReading<unknown>,
): readonly string[] {
  let ignored: string[] | undefined;
  for (const name in members) {
    if (name === 'pattern') continue;
    const reason =
      name === 'modifiers' ? dropped(modifiers) : (JUDGES[action].get(name) ?? NO_FIELD)(members[name]);
    if (reason === undefined) continue;
    ignored ??= [];
    ignored.push(`${name} ${reason}`);
  }
  return ignored ?? NOTHING;
}

const dropped = (modifiers: ModifierReading<unknown>): string | undefined =>
  modifiers.kind === 'dropped' ? `are dropped: ${modifiers.reason}` : undefined;
