import { LOG_LEVELS } from '../../log-levels.js';
import { choice, key, NOT_PERSISTENT, option, value } from './shapes.js';
import type { CommandSpec } from './types.js';

export const TLS_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['tls', 'show'],
    summary: 'Show the certificates of the listeners of one node.',
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    since: '2.0.0',
  },
  {
    words: ['tls', 'check'],
    summary: 'Name the certificates of one node that have ended or will soon.',
    flags: [
      option('validity', 'v', value('integer', 'SECONDS'), 'How soon is soon; 172800 (two days) by default.'),
    ],
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    since: '2.0.0',
    examples: ['tls check --validity=1209600'],
  },
  {
    words: ['tls', 'clear-pem-cache'],
    summary: 'Make one node read its certificate files again.',
    changes: 'node',
    scope: 'node',
    output: 'text',
    since: '2.0.0',
    hazards: [{ text: 'The broker does it and then fails to say so; over HTTP its answer is a 500.' }],
  },
];

const LEVELS = choice('LEVEL', [...LOG_LEVELS, 'all', 'none']);

export const LOG_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['log', 'show', 'config'],
    summary: 'Show the log handlers of one node.',
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    since: '2.0.0',
  },
  {
    words: ['log', 'level'],
    summary: 'Change how much a log handler of one node writes.',
    keys: [
      key('logger', value('atom', 'HANDLER'), 'Such as default.'),
      key('level', LEVELS, 'From here on.'),
    ],
    changes: 'node',
    scope: 'node',
    output: 'text',
    since: '2.0.0',
    hazards: [
      NOT_PERSISTENT,
      { text: 'The broker does it and then fails to say so; over HTTP its answer is a 500.' },
    ],
    examples: ['log level logger=default level=debug'],
  },
];

export const TRACE_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['trace', 'client'],
    summary: 'Follow what one node exchanges with a client, until Ctrl-C.',
    keys: [key('client-id', value('text', 'CLIENT-ID'), 'The client.')],
    flags: [
      option('mountpoint', undefined, value('text', 'MOUNTPOINT'), 'If it is not the default one.'),
      option('rate-max', undefined, value('count'), 'Messages per interval; 10 by default.'),
      option('rate-interval', undefined, value('count', 'MILLISECONDS'), 'The interval; 100 by default.'),
      option('trunc-payload', undefined, value('count', 'BYTES'), 'So much of a payload; 200 by default.'),
    ],
    changes: 'nothing',
    scope: 'node',
    output: 'stream',
    hazards: [{ text: 'Payloads are shown in clear, and a trace costs the node time.' }],
    examples: ['trace client client-id=1528361231 --node erl://VerneMQ@172.16.16.13'],
  },
  {
    words: ['trace', 'stop_all'],
    summary: "End the trace that runs on one node, whoever's it is.",
    changes: 'node',
    scope: 'node',
    output: 'text',
    since: '1.12.4',
    hazards: [{ text: 'The broker does it and then fails to say so; over HTTP its answer is a 500.' }],
  },
];
