import { patternProblem } from '../pattern.js';
import type { Broker } from './broker.js';
import { MODIFIERS, type ModifierReading } from './publish-modifiers.js';
import { isList, isTable, ScriptError, textOf } from './values.js';

/** What a client is subscribed to instead of what it asked for. */
export interface Rewrite {
  readonly topic: string;
  readonly qos: number;
  /** With subscription options, which only MQTT 5 has. */
  readonly hasOptions: boolean;
}

interface Pair {
  readonly topic: unknown;
  readonly qos: unknown;
  readonly hasOptions: boolean;
}

/**
 * Reads the modifiers of an entry to subscribe: pairs of topic and QoS, or of topic and a pair of QoS and options.
 *
 * @param value an object or a list
 * @throws ScriptError
 */
export function readSubscribeModifiers(
  value: unknown,
  field: string,
  broker: Broker,
): ModifierReading<readonly Rewrite[]> {
  if (!isTable(value)) return { kind: 'none' };
  if (!isList(value) && Object.keys(value).length > 0)
    throw new ScriptError(field, 'must be a list of pairs');
  const pairs = Object.values(value).map((item, index) => readPair(item, `${field}[${index}]`));
  const rewrites: Rewrite[] = [];
  for (const [index, pair] of pairs.entries()) {
    const rewrite = readRewrite(pair, `${field}[${index}]`, broker);
    if (!rewrite) return { kind: 'dropped', reason: `[${index}] is no pair of topic and QoS` };
    rewrites.push(rewrite);
  }
  return { kind: 'used', value: rewrites };
}

function readPair(item: unknown, field: string): Pair {
  if (!isList(item) || item.length !== 2) throw new ScriptError(field, 'must be a pair [topic, qos]');
  const [topic, second] = item;
  if (!isTable(second) || Object.keys(second).length !== 2)
    return { topic, qos: scalar(second, field), hasOptions: false };
  if (!isList(second)) throw new ScriptError(`${field}[1]`, 'must be a QoS');
  const [qos, options] = second;
  const areOptions = isTable(options) && (!isList(options) || options.length === 0);
  if (!areOptions) throw new ScriptError(`${field}[1][1]`, 'must be an object of options');
  return { topic, qos: scalar(qos, field), hasOptions: true };
}

/** The broker fails to turn into a number what holds something, but for an object with a name that it has no word for. */
function scalar(value: unknown, field: string): unknown {
  if (!isTable(value)) return value;
  const names = Object.keys(value);
  const fails = isList(value) ? names.length > 0 : names.some((name) => MODIFIERS.has(name));
  if (fails) throw new ScriptError(`${field}[1]`, 'must be a QoS');
  return value;
}

/** Undefined for what the broker finds wrong without failing. */
function readRewrite({ topic, qos, hasOptions }: Pair, field: string, broker: Broker): Rewrite | undefined {
  const text = textOf(topic);
  if (text === undefined || typeof qos !== 'number') return undefined;
  if (patternProblem(text, broker.topicMaxDepth)) return undefined;
  if (!Number.isInteger(qos)) throw new ScriptError(`${field}[1]`, 'must be a whole number');
  return { topic: text, qos, hasOptions };
}
