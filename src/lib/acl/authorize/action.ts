import { patternProblem, topicProblem } from '../pattern.js';
import type { Broker } from './broker.js';
import { type ClientAcl, covers, type Entry } from './client-acl.js';
import type { Rewrite } from './subscribe-modifiers.js';

export type QoS = 0 | 1 | 2;

/** 3 is MQTT 3.1, 4 is 3.1.1. */
export type ProtocolVersion = 3 | 4 | 5;

export interface PublishAction {
  readonly type: 'publish';
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly payloadBytes: number;
}

export interface Filter {
  readonly filter: string;
  readonly qos: QoS;
}

/** One SUBSCRIBE packet. The broker answers all of its filters alike. */
export interface SubscribeAction {
  readonly type: 'subscribe';
  readonly filters: readonly Filter[];
}

export type GrantField = 'max_qos' | 'max_payload_size' | 'allowed_retain';

/**
 * - `granted`: by the entry. - `not_covered`: no entry's pattern covers the topic.
 * - `forbidden_by_field`: entries cover the topic, but of none the fields permit this; it is told of the first.
 * - `reserved_topic`: it begins with $, which is the broker's own: it drops what clients publish there, without a word.
 * - `invalid_topic`: the broker ends the connection without asking for rights.
 * - `refused_by_modifiers`: they subscribe the client to something with a QoS that is not granted.
 * - `mixed_modifiers`: entries with and without them in one SUBSCRIBE make the broker fail, and the connection ends.
 */
export type ActionReason =
  | 'granted'
  | 'not_covered'
  | 'forbidden_by_field'
  | 'reserved_topic'
  | 'invalid_topic'
  | 'refused_by_modifiers'
  | 'mixed_modifiers';

/** What the broker decides, and by what. */
export interface ActionDecision {
  readonly allowed: boolean;
  readonly reason: ActionReason;
  readonly entry?: Entry;
  readonly field?: GrantField;
  /** What is wrong with the topic, such as `has a wildcard`. */
  readonly problem?: string;
  /** Which of the filters of a SUBSCRIBE this is about. */
  readonly filter?: Filter;
}

/** Whether a broker that holds this for a client lets it publish. */
export function decidePublish(acl: ClientAcl, action: PublishAction, broker: Broker): ActionDecision {
  const problem = topicProblem(action.topic, broker.topicMaxDepth);
  if (problem !== undefined) return { allowed: false, reason: 'invalid_topic', problem };
  if (action.topic.startsWith('$')) return { allowed: false, reason: 'reserved_topic' };
  return firstGrant(acl.publish, action.topic.split('/'), (entry) => publishObstacle(entry, action));
}

/** Whether a broker that holds this for a client lets it subscribe to all that it asks for in one packet. */
export function decideSubscribe(
  acl: ClientAcl,
  { filters }: SubscribeAction,
  protocol: ProtocolVersion,
  broker: Broker,
): ActionDecision {
  for (const filter of filters) {
    const problem = patternProblem(filter.filter, broker.topicMaxDepth);
    if (problem !== undefined) return { allowed: false, reason: 'invalid_topic', problem, filter };
  }
  if (filters.length === 0) return { allowed: false, reason: 'invalid_topic', problem: 'is missing' };
  return decideTogether(acl, filters, protocol);
}

/**
 * The broker goes through the filters from the last to the first. Modifiers add up; an entry without modifiers makes it
 * forget those that it has so far, and one with modifiers after that makes it fail.
 */
function decideTogether(
  acl: ClientAcl,
  filters: readonly Filter[],
  protocol: ProtocolVersion,
): ActionDecision {
  let granted: ActionDecision | undefined;
  let rewritten: ActionDecision | undefined;
  for (const filter of filters.toReversed()) {
    const decision = decideFilter(acl, filter);
    if (!decision.allowed) return decision;
    const rewrites = decision.entry?.rewrites;
    const isPlain = rewrites === undefined;
    if (!isPlain && granted && granted.entry?.rewrites === undefined)
      return { ...decision, allowed: false, reason: 'mixed_modifiers' };
    const isRefused = rewrites?.some((rewrite) => !isGranted(rewrite, protocol));
    if (isPlain) rewritten = undefined;
    else if (isRefused) rewritten = { ...decision, allowed: false, reason: 'refused_by_modifiers' };
    granted = decision;
  }
  return rewritten ?? granted ?? { allowed: false, reason: 'not_covered' };
}

const isGranted = ({ qos, hasOptions }: Rewrite, protocol: ProtocolVersion): boolean =>
  (qos === 0 || qos === 1 || qos === 2) && (protocol === 5 || !hasOptions);

function decideFilter({ subscribe }: ClientAcl, filter: Filter): ActionDecision {
  const obstacle = (entry: Entry) => (filter.qos > entry.maxQos ? 'max_qos' : undefined);
  return { ...firstGrant(subscribe, filter.filter.split('/'), obstacle), filter };
}

/** The first entry that covers the topic and has no obstacle decides; what others would have is not looked at. */
function firstGrant(
  entries: readonly Entry[],
  topic: readonly string[],
  obstacleOf: (entry: Entry) => GrantField | undefined,
): ActionDecision {
  let refusal: ActionDecision = NOT_COVERED;
  for (const entry of entries) {
    if (!entry.levels || !covers(entry.levels, topic)) continue;
    const field = obstacleOf(entry);
    if (field === undefined) return { allowed: true, reason: 'granted', entry };
    if (refusal === NOT_COVERED) refusal = { allowed: false, reason: 'forbidden_by_field', entry, field };
  }
  return refusal;
}

const NOT_COVERED: ActionDecision = { allowed: false, reason: 'not_covered' };

function publishObstacle(entry: Entry, action: PublishAction): GrantField | undefined {
  if (action.qos > entry.maxQos) return 'max_qos';
  if (action.payloadBytes > entry.maxPayloadSize) return 'max_payload_size';
  return action.retain && !entry.allowedRetain ? 'allowed_retain' : undefined;
}
