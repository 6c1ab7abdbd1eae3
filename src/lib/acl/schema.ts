import { z } from 'zod';
import { didYouMean } from '../suggest.js';
import type { Action } from './action.js';
import { isFlawless } from './flawless.js';
import { isUsablePasshash } from './passhash.js';
import { DEFAULT_TOPIC_MAX_DEPTH, patternProblem, topicProblem } from './pattern.js';

export { type Action, LIST_OF } from './action.js';

/** The largest payload in MQTT, in bytes. */
const LARGEST_PAYLOAD = 268_435_456;

/**
 * Checks an entry that is about to be written: only what the broker knows, and only values that it does not ignore.
 *
 * @param label what the entry is called in messages, such as `publish_acl[1]`
 * @returns problems, each beginning with the field, such as `publish_acl[1].max_qos must be 0, 1 or 2`
 */
export function entryProblems(entry: unknown, action: Action, label: string, maxDepth: number): string[] {
  const shape = action === 'publish' ? publishShape(maxDepth) : subscribeShape(maxDepth);
  const result = z.strictObject(shape, phrase('must be a JSON object')).safeParse(entry);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => describe(issue, label, Object.keys(shape), action));
}

/**
 * Checks a stored record, in which the broker ignores members that it does not know.
 *
 * @param record with ordinary numbers
 * @returns problems, each beginning with the field
 */
export function recordProblems(record: unknown, maxDepth = DEFAULT_TOPIC_MAX_DEPTH): string[] {
  if (isFlawless(record, maxDepth)) return [];
  const schema = maxDepth === DEFAULT_TOPIC_MAX_DEPTH ? usualRecord : storedRecord(maxDepth);
  const result = schema.safeParse(record);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => describe(issue, '', [], 'publish'));
}

const phrase = (text: string) => ({ error: text });
const presence = (text: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'is missing' : text),
});

const qos = z.literal([0, 1, 2], phrase('must be 0, 1 or 2'));
const flag = z.boolean(phrase('must be true or false'));
const text = z.string(phrase('must be a string'));
const milliseconds = z.int(phrase('must be a whole number')).min(0, phrase('must not be negative'));
const payloadSize = z
  .int(phrase('must be a whole number'))
  .min(0, phrase('must not be negative'))
  .max(LARGEST_PAYLOAD, phrase(`must not be over ${LARGEST_PAYLOAD}`));

/** A string of which `problemOf` finds nothing wrong. */
const checked = (problemOf: (value: string) => string | undefined) =>
  z.string(presence('must be a string')).superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem) context.addIssue({ code: 'custom', message: `${problem}: ${JSON.stringify(value)}` });
  });

const pattern = (maxDepth: number) => checked((value) => patternProblem(value, maxDepth));

function publishShape(maxDepth: number) {
  return {
    pattern: pattern(maxDepth),
    max_qos: qos.optional(),
    max_payload_size: payloadSize.optional(),
    allowed_retain: flag.optional(),
    modifiers: z.strictObject(publishModifiers(maxDepth), phrase('must be a JSON object')).optional(),
  };
}

const publishModifiers = (maxDepth: number) => ({
  topic: checked((value) => topicProblem(value, maxDepth)).optional(),
  payload: text.optional(),
  qos: qos.optional(),
  retain: flag.optional(),
  mountpoint: text.optional(),
  throttle: milliseconds.optional(),
  properties: z.record(z.string(), z.unknown(), phrase('must be a JSON object')).optional(),
});

function subscribeShape(maxDepth: number) {
  const pair = z.tuple([pattern(maxDepth), qos], phrase('must be a pair [topic, qos]'));
  const pairs = z
    .array(pair, phrase('must be a list of pairs [topic, qos]'))
    .min(1, phrase('must not be empty'));
  return { pattern: pattern(maxDepth), max_qos: qos.optional(), modifiers: pairs.optional() };
}

/** A list or an object in a field that the broker does not know makes it refuse the client altogether. */
const harmless = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  phrase('must not be a list or an object: the broker would refuse the client'),
);

const storedList = (shape: z.ZodRawShape) =>
  z
    .array(z.object(shape, phrase('must be a JSON object')).catchall(harmless), phrase('must be a list'))
    .optional();

const storedRecord = (maxDepth: number) =>
  z.looseObject(
    {
      passhash: z
        .string(presence('must be a string'))
        .refine(isUsablePasshash, phrase('is not a bcrypt hash that the broker accepts')),
      publish_acl: storedList(publishShape(maxDepth)),
      subscribe_acl: storedList(subscribeShape(maxDepth)),
    },
    phrase('is not a JSON object'),
  );

/** Built once: a list checks very many records. */
const usualRecord = storedRecord(DEFAULT_TOPIC_MAX_DEPTH);

function describe(
  issue: z.core.$ZodIssue,
  label: string,
  known: readonly string[],
  action: Action,
): string[] {
  const field = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}${path && '.'}${String(part)}`),
    label,
  );
  if (issue.code !== 'unrecognized_keys') return [`${field || 'the record'} ${issue.message}`];
  const candidates = issue.path.length === 0 ? known : Object.keys(publishModifiers(0));
  const where = issue.path.length === 0 ? `entries to ${action}` : 'modifiers';
  return issue.keys.map((key) => `${field}.${key} is no field of ${where}${didYouMean(key, candidates)}`);
}
