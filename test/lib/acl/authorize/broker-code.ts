import type { Filter } from '../../../../src/lib/acl/authorize/action.js';
import type { Entry } from '../../../../src/lib/acl/authorize/client-acl.js';

/**
 * The broker's own functions, clause by clause: `vmq_topic:validate_topic/2` and `match/2`, and the fold of
 * `vmq_diversity_plugin:auth_on_subscribe/3` over `vmq_diversity_cache`. Slow, recursive, and without reasons.
 */
type Words = readonly string[];

const MAX_LEN = 65_536;

/** `validate_topic(publish, …)`: the words, or nothing for a topic that it rejects. */
export function validatePublish(topic: string, maxDepth: number): Words | undefined {
  if (topic === '' || Buffer.byteLength(topic) > MAX_LEN) return undefined;
  const words = publishWords([...topic], [], []);
  return words && depthOf(words, maxDepth);
}

function publishWords(rest: Words, word: Words, words: Words): Words | undefined {
  const [next, ...more] = rest;
  if (next === undefined) return [...words, word.join('')];
  if (next === '\0' || next === '+' || next === '#') return undefined;
  return next === '/'
    ? publishWords(more, [], [...words, word.join('')])
    : publishWords(more, [...word, next], words);
}

/** `validate_topic(subscribe, …)`, which is used for patterns too. */
export function validateSubscribe(topic: string, maxDepth: number): Words | undefined {
  if (topic === '' || Buffer.byteLength(topic) > MAX_LEN) return undefined;
  const words = subscribeWords([...topic], [], []);
  if (words?.[0] === '$share' && words.length < 3) return undefined;
  return words && depthOf(words, maxDepth);
}

function subscribeWords(rest: Words, word: Words, words: Words): Words | undefined {
  const [next, ...more] = rest;
  if (next === undefined) return [...words, word.join('')];
  if (word.length === 0) {
    if (next === '+' && more.length === 0) return [...words, '+'];
    if (next === '#' && more.length === 0) return [...words, '#'];
    if (next === '+' && more[0] === '/') return subscribeWords(more.slice(1), [], [...words, '+']);
  }
  if (next === '\0' || next === '+' || next === '#') return undefined;
  return next === '/'
    ? subscribeWords(more, [], [...words, word.join('')])
    : subscribeWords(more, [...word, next], words);
}

const depthOf = (words: Words, maxDepth: number) => (words.length > maxDepth ? undefined : words);

/** `vmq_topic:match/2`: its clauses, in their order. */
export function match(topic: Words, acl: Words): boolean {
  const [head, ...topicRest] = topic;
  const [pattern, ...aclRest] = acl;
  if (head === undefined && pattern === undefined) return true;
  if (head !== undefined && head === pattern) return match(topicRest, aclRest);
  if (head !== undefined && pattern === '+') return match(topicRest, aclRest);
  return acl.length === 1 && pattern === '#';
}

/** `subst/5`. */
export function substitute(words: Words, who: { mountpoint: string; clientId: string; username: string }) {
  const [head, ...rest] = words;
  if (head === undefined) return [];
  const tail: string[] = substitute(rest, who);
  if (head === '%u') return [who.username, ...tail];
  if (head === '%c') return [who.clientId, ...tail];
  return head === '%m' ? [who.mountpoint, ...tail] : [head, ...tail];
}

/** What the hook returns; `crash` where the fold appends modifiers to `true`. */
export type SubscribeResult = 'ok' | 'not_authorized' | 'modifiers' | 'crash';

/** The fold over the filters, which come from the packet in reverse. */
export function authOnSubscribe(entries: readonly Entry[], packet: readonly Filter[]): SubscribeResult {
  const fold = (
    filters: readonly Filter[],
    accumulator: boolean | readonly unknown[],
  ): boolean | readonly unknown[] | 'crash' => {
    const [first, ...rest] = filters;
    if (!first) return accumulator;
    if (accumulator === false) return fold(rest, false);
    const found = firstMatch(entries, first);
    if (typeof found === 'boolean') return fold(rest, found);
    return accumulator === true ? 'crash' : fold(rest, [...accumulator, ...found]);
  };
  const result = fold([...packet].reverse(), []);
  if (result === 'crash') return 'crash';
  if (result === true) return 'ok';
  return result === false ? 'not_authorized' : 'modifiers';
}

function firstMatch(entries: readonly Entry[], asked: Filter): boolean | readonly unknown[] {
  const [entry, ...rest] = entries;
  if (!entry) return false;
  const isMatch =
    asked.qos <= entry.maxQos && entry.levels !== undefined && match(asked.filter.split('/'), entry.levels);
  return isMatch ? (entry.rewrites ?? true) : firstMatch(rest, asked);
}
