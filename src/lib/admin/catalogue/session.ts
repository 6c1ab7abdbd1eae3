import { either, key, option, toggle, value } from './shapes.js';
import type { CommandSpec, FlagSpec } from './types.js';

/** What `session show` can select and filter by (vernemq.md §2.3). */
export const SESSION_FIELDS: readonly string[] = [
  'node',
  'mountpoint',
  'client_id',
  'queue_pid',
  'queue_size',
  'session_pid',
  'is_offline',
  'is_online',
  'statename',
  'deliver_mode',
  'offline_messages',
  'online_messages',
  'num_sessions',
  'clean_session',
  'is_plugin',
  'queue_started_at',
  'user',
  'peer_host',
  'peer_port',
  'protocol',
  'waiting_acks',
  'session_started_at',
  'topic',
  'qos',
  'rap',
  'no_local',
  'msg_ref',
  'msg_qos',
  'routing_key',
  'dup',
  'payload',
];

const field = (name: string): FlagSpec => ({
  ...either(
    name,
    undefined,
    value('query', 'VALUE'),
    'Show it, or only rows that have VALUE (~REGEX matches).',
  ),
  repeatable: true,
});

const LIMITS: readonly FlagSpec[] = [
  option('limit', undefined, value('count', 'ROWS'), 'At most so many rows per node; 100 by default.'),
  option('rowtimeout', undefined, value('count', 'MILLISECONDS'), 'For one row; 100 by default.'),
];

const CLIENT_ID = key('client-id', value('query', 'CLIENT-ID'), 'The client.');
const MOUNTPOINT = option('mountpoint', 'm', value('query', 'MOUNTPOINT'), 'If it is not the default one.');
const CLEANUP = toggle('cleanup', 'c', 'Remove the session too: subscriptions and stored messages.');
const CLEANUP_STAKE = {
  text: 'With --cleanup the subscriptions and stored messages of the clients are gone.',
  withFlag: 'cleanup',
};
const DONE_IF_ABSENT = { text: 'The broker says Done for a client that it does not know too.' };

export const SESSION_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['session', 'show'],
    summary: 'Show sessions of all nodes: fields to show, and filters.',
    flags: [...LIMITS, ...SESSION_FIELDS.map(field)],
    changes: 'nothing',
    queries: true,
    scope: 'cluster',
    output: 'table',
    hazards: [
      {
        text: 'A topic field joins the table of subscriptions: one row each, none without.',
        withFlag: 'topic',
      },
    ],
    examples: [
      'session show --client_id --is_online --node',
      'session show --user=101 --limit=1000',
      "session show '--client_id=~^sensor-'",
    ],
  },
  {
    words: ['session', 'disconnect'],
    summary: 'Disconnect one client.',
    keys: [CLIENT_ID],
    flags: [CLEANUP, MOUNTPOINT],
    changes: 'sessions',
    queries: true,
    scope: 'cluster',
    output: 'text',
    since: '1.3.0',
    hazards: [DONE_IF_ABSENT],
    stake: CLEANUP_STAKE,
    examples: ['session disconnect client-id=1528361231'],
  },
  {
    words: ['session', 'disconnect', 'clients'],
    summary: 'Disconnect the clients of a list.',
    keys: [key('client-ids', value('query', 'ID,ID'), 'The clients, between commas.')],
    flags: [CLEANUP, MOUNTPOINT],
    changes: 'sessions',
    queries: true,
    scope: 'cluster',
    output: 'text',
    since: '2.0.0',
    hazards: [DONE_IF_ABSENT],
    stake: CLEANUP_STAKE,
  },
  {
    words: ['session', 'disconnect', 'batch'],
    summary: 'Disconnect so many clients, whichever come first.',
    keys: [key('count', value('count'), 'How many.')],
    flags: [
      CLEANUP,
      MOUNTPOINT,
      option('filter-client-ids', 'f', value('query', 'ID,ID'), 'Clients to leave alone.'),
      option('node', 'n', value('node'), 'Only clients of this node.'),
    ],
    changes: 'sessions',
    queries: true,
    scope: 'cluster',
    output: 'text',
    since: '2.0.0',
    stake: { text: 'The broker chooses which clients are disconnected.' },
    hazards: [{ text: 'Sessions that are offline already count among them.' }],
    examples: ['session disconnect batch count=100 --node=VerneMQ@172.16.16.13'],
  },
  {
    words: ['session', 'reauthorize'],
    summary: 'Ask the authorization plugins again about the subscriptions of a client.',
    keys: [key('username', value('text', 'USER'), 'Its user name.'), CLIENT_ID],
    flags: [MOUNTPOINT],
    changes: 'data',
    scope: 'node',
    output: 'text',
    since: '1.7.0',
    stake: {
      text: 'A client that is offline, or on another node than the one asked, loses all its subscriptions.',
    },
    hazards: [{ text: 'It does not read Redis again: only a new connection of the client does.' }],
  },
  {
    words: ['session', 'unsubscribe'],
    summary: 'Remove a subscription of a client.',
    keys: [CLIENT_ID, key('topic', value('text', 'TOPIC'), 'The filter, as it was subscribed.')],
    flags: [toggle('plugin', 'p', 'Tell the plugins too.'), MOUNTPOINT],
    changes: 'data',
    scope: 'cluster',
    output: 'text',
    since: '2.1.0',
    hazards: [{ text: 'The broker says Done for a client or a subscription that is not there too.' }],
  },
];

export const RETAIN_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['retain', 'show'],
    summary: 'Show retained messages: fields to show, and filters.',
    flags: [...LIMITS, ...['payload', 'topic', 'mountpoint'].map(field)],
    changes: 'nothing',
    queries: true,
    scope: 'node',
    output: 'table',
    since: '1.7.0',
    examples: ['retain show --topic=ret/a --payload'],
  },
  {
    words: ['retain', 'delete'],
    summary: 'Delete the retained message of a topic.',
    flags: [
      option('mountpoint', 'm', value('text', 'MOUNTPOINT'), 'If it is not the default one.'),
      { ...option('topic', 't', value('text', 'TOPIC'), 'The topic.'), required: true },
    ],
    changes: 'data',
    scope: 'cluster',
    output: 'text',
    since: '1.13.0',
    hazards: [{ text: 'The broker says Done for a topic without a retained message too.' }],
    examples: ['retain delete --topic=ret/a'],
  },
  {
    words: ['retain', 'delete-expired'],
    summary: 'Delete the retained messages whose time is over.',
    changes: 'data',
    scope: 'node',
    output: 'table',
    since: '2.1.0',
  },
];
