import type { LogRecord } from '../../logs/record.js';

/** What an entry of the log says of the client. */
export type LogFinding = {
  readonly node: string;
  readonly time: number | undefined;
  /** By which the client had logged in, where the entry says so. */
  readonly user?: string;
} & (
  | { readonly kind: 'taken_over' }
  | { readonly kind: 'publish_denied'; readonly topic: string; readonly reason: string }
  | {
      readonly kind: 'subscribe_denied' | 'login_refused' | 'register_refused' | 'will_denied';
      readonly reason: string;
    }
  | { readonly kind: 'keepalive_expired' | 'bad_client_id' }
);

/** The words of the broker's entries (`vmq_mqtt_fsm.erl`, `vmq_mqtt5_fsm.erl`, `vmq_queue.erl`), to what they mean. */
const PHRASES = [
  [/^client .* disconnected due to multiple sessions not allowed/, 'taken_over'],
  [/^can't authorize SUBSCRIBE from v\d client .* due to (.+)$/, 'subscribe_denied'],
  [/^can't authenticate last will for client .* due to (.+)$/, 'will_denied'],
  [/^can't authenticate client .* due to (.+)$/, 'login_refused'],
  [/^can't register client .* due to (?:reason )?(.+)$/, 'register_refused'],
  [/^client .* stopped due to keepalive expired/, 'keepalive_expired'],
  [/^invalid client id /, 'bad_client_id'],
] as const;

const USER = /(?:\buser(?:name)? |^can't auth publish \[)<<"((?:[^"\\]|\\.)*)">>/;
const PUBLISH = /^can't auth publish for client .* on topic (\[.*?\]|<<.*?>>) due to (.+)$/;
/** Before 2.1.2: user, client, QoS, topic, payload, retain. */
const PUBLISH_ARGUMENTS = /^can't auth publish \[.*?,\{.*?\},\d,(\[.*?\]),.*\] due to (.+)$/;

/** Entries about another client, or about something else, are nothing. */
export function findingIn({ node, time, message }: LogRecord, clientId: string): LogFinding | undefined {
  // Erlang breaks long terms over several lines, and a long text into several.
  const text = message.replace(/\s+/g, ' ').replaceAll('" "', '').trim();
  if (!text.includes(erlangBinary(clientId))) return undefined;
  const user = USER.exec(text)?.[1];
  const about = { node, time, ...(user === undefined ? {} : { user: unescaped(user) }) };
  const [, topic = '', denial = ''] = PUBLISH.exec(text) ?? PUBLISH_ARGUMENTS.exec(text) ?? [];
  if (topic !== '') return { ...about, kind: 'publish_denied', topic: topicIn(topic), reason: denial };
  for (const [pattern, kind] of PHRASES) {
    const found = pattern.exec(text);
    if (!found) continue;
    if (kind === 'taken_over' || kind === 'keepalive_expired' || kind === 'bad_client_id')
      return { ...about, kind };
    return { ...about, kind, reason: found[1] ?? '' };
  }
  return undefined;
}

/** Characters of an id that are looked for: a longer one may be broken over two lines. */
const LOOKED_FOR = 20;

/** What of an entry tells that it may be about the client, also where the log is JSON and has its quotes escaped. */
export function patternFor(clientId: string): RegExp {
  const binary = erlangBinary(clientId);
  const plain = binary.startsWith('<<"') ? longest(clientId.split(/["\\]/)) : binary.slice(2, -2);
  return new RegExp(plain.slice(0, LOOKED_FOR).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'u');
}

const longest = (texts: readonly string[]): string =>
  texts.reduce((best, text) => (text.length > best.length ? text : best), '');

/** `<<"text">>` as `~p` writes it, or its bytes where not all of them can be shown. */
function erlangBinary(text: string): string {
  if (/^[\x20-\x7e]+$/.test(text)) return `<<"${text.replace(/["\\]/g, '\\$&')}">>`;
  return `<<${[...Buffer.from(text)].join(',')}>>`;
}

/** `[<<"a">>,<<>>,<<"b">>]` is `a//b`. */
function topicIn(term: string): string {
  const levels = [...term.matchAll(/<<(?:"((?:[^"\\]|\\.)*)")?[^>]*>>/g)];
  return levels.map(([, level = '']) => unescaped(level)).join('/');
}

const unescaped = (text: string) => text.replace(/\\(.)/g, '$1');
