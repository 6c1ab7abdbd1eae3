import { topicProblem } from '../pattern.js';
import type { Broker } from './broker.js';
import { isList, isTable, ScriptError, textOf } from './values.js';

/** What the broker does with the modifiers of an entry. Those that it drops leave the entry as if it had none. */
export type ModifierReading<T> =
  | { readonly kind: 'none' }
  | { readonly kind: 'dropped'; readonly reason: string }
  | { readonly kind: 'used'; readonly value: T };

type Check = (value: unknown, broker: Broker) => boolean;

const isText: Check = (value) => textOf(value) !== undefined;
const isNumber: Check = (value) => typeof value === 'number';
const isTopic: Check = (value, broker) => {
  const topic = textOf(value);
  return topic !== undefined && topicProblem(topic, broker.topicMaxDepth) === undefined;
};

export const MODIFIERS: ReadonlyMap<string, Check> = new Map([
  ['topic', isTopic],
  ['payload', isText],
  ['qos', (value) => typeof value === 'number' && value >= 0 && value <= 2],
  ['retain', (value) => typeof value === 'boolean'],
  ['mountpoint', isText],
  ['throttle', isNumber],
]);

const PROPERTIES: ReadonlyMap<string, Check> = new Map([
  ['p_user_property', isUserProperty],
  ['p_message_expiry_interval', isNumber],
  ['p_content_type', isText],
  ['p_payload_format_indicator', (value) => value === 'utf8' || value === 'undefined'],
  ['p_response_topic', isTopic],
  ['p_correlation_data', isText],
  ['p_will_delay_interval', isNumber],
]);

/** The other properties of MQTT 5: the broker knows the words, and drops the modifiers that have them here. */
const MISPLACED: ReadonlySet<string> = new Set([
  'p_subscription_id',
  'p_session_expiry_interval',
  'p_assigned_client_id',
  'p_server_keep_alive',
  'p_authentication_method',
  'p_authentication_data',
  'p_request_problem_info',
  'p_request_response_info',
  'p_response_info',
  'p_server_ref',
  'p_reason_string',
  'p_receive_max',
  'p_topic_alias_max',
  'p_topic_alias',
  'p_max_qos',
  'p_retain_available',
  'p_max_packet_size',
  'p_wildcard_subs_available',
  'p_sub_ids_available',
  'p_shared_subs_available',
]);

/**
 * Reads the modifiers of an entry to publish.
 *
 * @param value an object or a list
 * @throws ScriptError
 */
export function readPublishModifiers(
  value: unknown,
  field: string,
  broker: Broker,
): ModifierReading<Readonly<Record<string, unknown>>> {
  const members = isTable(value) && !isList(value) ? value : {};
  const names = Object.keys(members);
  if (names.length === 0) return { kind: 'dropped', reason: 'it is no object with members' };
  const withProperties = broker.version !== '2.1.2' && Object.hasOwn(members, 'properties');
  if (withProperties) assertProperties(members, field);
  // In the order in which the broker checks them: it fails on the properties only if it gets to them.
  const bad = names.sort().find((name) => {
    if (withProperties && name === 'properties')
      return !propertiesAreValid(members.properties, `${field}.properties`, broker);
    return MODIFIERS.get(name)?.(members[name], broker) !== true;
  });
  return bad === undefined
    ? { kind: 'used', value: members }
    : { kind: 'dropped', reason: `${bad} is unknown or has a wrong value` };
}

/** Where properties are read, what the broker has no word for makes it fail. */
function assertProperties(members: Readonly<Record<string, unknown>>, field: string): void {
  const unknown = Object.keys(members).find((name) => name !== 'properties' && !MODIFIERS.has(name));
  if (unknown !== undefined) throw new ScriptError(`${field}.${unknown}`, 'is no modifier');
  const { properties } = members;
  if (!isTable(properties) || (isList(properties) && properties.length > 0))
    throw new ScriptError(`${field}.properties`, 'must be an object');
  for (const [name, value] of Object.entries(properties)) {
    const isKnown = PROPERTIES.has(name) || MISPLACED.has(name) || MODIFIERS.has(name);
    if (!isKnown) throw new ScriptError(`${field}.properties.${name}`, 'is no property');
    if (name === 'p_user_property' && !isTable(value))
      throw new ScriptError(`${field}.properties.${name}`, 'must be a list');
  }
}

function propertiesAreValid(properties: unknown, field: string, broker: Broker): boolean {
  const entries = Object.entries(properties as Record<string, unknown>);
  if (entries.length === 0) throw new ScriptError(field, 'must not be empty');
  return entries.every(([name, value]) => PROPERTIES.get(name)?.(value, broker) === true);
}

/** An object of texts, or a list of objects with one text each. */
function isUserProperty(value: unknown): boolean {
  if (!isList(value)) return Object.values(value as object).every((text) => textOf(text) !== undefined);
  return value.every((item) => {
    const texts = isTable(item) && !isList(item) ? Object.values(item) : [];
    return texts.length === 1 && textOf(texts[0]) !== undefined;
  });
}
