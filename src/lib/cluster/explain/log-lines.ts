import type { LogRecord } from '../../logs/record.js';

/** What an entry of the log says of the client. */
export type LogFinding = {
  readonly node: string;
  /** Milliseconds since the epoch. */
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
  [/^can't authenticate last will,? for client .* due to (.+)$/, 'will_denied'],
  [/^can't authenticate client .* due to (.+)$/, 'login_refused'],
  [/^can't register client .* due to (?:reason )?(.+)$/, 'register_refused'],
  [/^client .* stopped due to keepalive expired/, 'keepalive_expired'],
  [/^invalid client id /, 'bad_client_id'],
] as const;

const USER = /(?:\buser(?:name)? |^can't auth publish \[)(<<(?:"(?:[^"\\]|\\.)*"|[\d,]*)>>)/;
const PUBLISH = /^can't auth publish for client .* on topic (\[.*?\]|<<.*?>>) due to (.+)$/;
/** Before 2.1.2: user, client, QoS, topic, payload, retain. */
const PUBLISH_ARGUMENTS = /^can't auth publish \[.*?,\{.*?\},\d,(\[.*?\]),.*\] due to (.+)$/;

/** Entries about another client, or about something else, are nothing. */
export function findingIn(
  { node, time: microseconds, message }: LogRecord,
  clientId: string,
): LogFinding | undefined {
  // Erlang breaks long terms over several lines, and a long text into several.
  const text = message.replace(/\s+/g, ' ').replaceAll('" "', '').trim();
  if (!writtenForms(clientId).some((written) => text.includes(written))) return undefined;
  const time = microseconds === undefined ? undefined : Math.floor(microseconds / 1000);
  const user = USER.exec(text)?.[1];
  const about = { node, time, ...(user === undefined ? {} : { user: readBinary(user) }) };
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
  const forms = writtenForms(clientId).map((written) =>
    written.startsWith('<<"') ? longest(written.slice(3, -3).split(/["\\]/)) : written.slice(2, -2),
  );
  const quoted = forms.map((form) => form.slice(0, LOOKED_FOR).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(quoted.join('|'), 'u');
}

const longest = (texts: readonly string[]): string =>
  texts.reduce((best, text) => (text.length > best.length ? text : best), '');

/** How `~p` writes a binary: each byte as a character of Latin-1 where all can be shown, else all as numbers. */
function writtenForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const shown = bytes.toString('latin1').replace(/["\\]/g, '\\$&');
  return [`<<"${shown}">>`, ...(/^[\x20-\x7e]+$/.test(text) ? [] : [`<<${[...bytes].join(',')}>>`])];
}

/** `[<<"a">>,<<>>,<<"b">>]` is `a//b`. */
function topicIn(term: string): string {
  const levels = [...term.matchAll(/<<(?:"(?:[^"\\]|\\.)*"|[\d,]*)>>/g)];
  return levels.map(([level]) => readBinary(level)).join('/');
}

/** The text of a binary as `~p` writes it. */
function readBinary(term: string): string {
  const inner = term.slice(2, -2);
  if (!inner.startsWith('"')) return inner === '' ? '' : Buffer.from(inner.split(',').map(Number)).toString();
  const shown = inner.slice(1, -1).replace(/\\(.)/g, '$1');
  return /[^\0-\xff]/.test(shown) ? shown : Buffer.from(shown, 'latin1').toString();
}
