import { choice, key, NOT_PERSISTENT, option, TRUTH, toggle, value } from './shapes.js';
import type { CommandSpec } from './types.js';

/** The names that `webhooks register` takes. */
const HOOKS = [
  'auth_on_register',
  'auth_on_publish',
  'auth_on_subscribe',
  'on_register',
  'on_publish',
  'on_subscribe',
  'on_unsubscribe',
  'on_deliver',
  'on_offline_message',
  'on_client_wakeup',
  'on_client_offline',
  'on_client_gone',
  'on_session_expired',
  'auth_on_register_m5',
  'auth_on_publish_m5',
  'auth_on_subscribe_m5',
  'on_register_m5',
  'on_publish_m5',
  'on_subscribe_m5',
  'on_unsubscribe_m5',
  'on_deliver_m5',
  'on_auth_m5',
];

const WEBHOOK_KEYS = [
  key('hook', choice('HOOK', HOOKS), 'The hook that is called.'),
  key('endpoint', value('url'), 'The URL that is asked.'),
];

const WEBHOOKS = { plugin: 'vmq_webhooks', scope: 'node' } as const;

export const WEBHOOK_COMMANDS: readonly CommandSpec[] = [
  {
    ...WEBHOOKS,
    words: ['webhooks', 'show'],
    summary: 'Show the registered webhooks of one node.',
    changes: 'nothing',
    output: 'table',
  },
  {
    ...WEBHOOKS,
    words: ['webhooks', 'register'],
    summary: 'Register a webhook on one node.',
    keys: WEBHOOK_KEYS,
    flags: [
      option('base64payload', undefined, TRUTH, 'Send payloads as base64; true by default.'),
      option('no_payload', undefined, TRUTH, 'Leave payloads out; false by default.'),
      option(
        'response_timeout',
        undefined,
        value('count', 'MILLISECONDS'),
        'For an answer; 5000 by default.',
      ),
    ],
    changes: 'node',
    output: 'text',
    hazards: [NOT_PERSISTENT],
    examples: ['webhooks register hook=auth_on_publish endpoint=http://127.0.0.1:3000/publish'],
  },
  {
    ...WEBHOOKS,
    words: ['webhooks', 'deregister'],
    summary: 'Remove a webhook from one node.',
    keys: WEBHOOK_KEYS,
    changes: 'node',
    output: 'text',
    hazards: [NOT_PERSISTENT],
  },
  {
    ...WEBHOOKS,
    words: ['webhooks', 'cache', 'show'],
    summary: 'Show how often the cache of webhook answers was hit.',
    flags: [toggle('reset', undefined, 'Set the figures back to zero instead of showing them.')],
    changes: 'nothing',
    output: 'table',
  },
  {
    ...WEBHOOKS,
    words: ['webhooks', 'cache', 'clear'],
    summary: 'Forget the cached webhook answers of one node.',
    changes: 'node',
    output: 'text',
    since: '2.0.0',
  },
];
