import { choice, key, optionalKey, value } from './shapes.js';
import type { CommandSpec } from './types.js';

const SCOPES = choice('SCOPE', ['status', 'mgmt', 'metrics', 'health', 'api2', 'httppub']);
const EXPIRES = value('time', 'YYYY-MM-DDThh:mm:ss');

export const API_KEY_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['api-key', 'create'],
    summary: 'Make a new API key and show it.',
    keys: [
      optionalKey('scope', SCOPES, 'What it opens; mgmt by default.'),
      optionalKey('expires', EXPIRES, "When it ends, in the node's local time.", { needs: 'scope' }),
    ],
    changes: 'data',
    scope: 'cluster',
    output: 'text',
    hazards: [
      { text: 'A key makes a node non-empty: it can no longer join a cluster.' },
      { text: 'A node that is asked with a key before the key has reached it refuses it until it restarts.' },
    ],
    examples: ['api-key create scope=mgmt expires=2031-06-01T00:00:00'],
  },
  {
    words: ['api-key', 'add'],
    summary: 'Add an API key of your own; the key is read from where --key-from says.',
    keys: [
      { ...key('key', value('text', 'KEY'), 'The key itself.'), secret: true },
      optionalKey('scope', SCOPES, 'What it opens; mgmt by default.'),
      optionalKey('expires', EXPIRES, "When it ends, in the node's local time.", { needs: 'scope' }),
    ],
    changes: 'data',
    scope: 'cluster',
    output: 'text',
    since: '1.2.0',
    hazards: [
      { text: 'A key makes a node non-empty: it can no longer join a cluster.' },
      { text: 'A node that is asked with a key before the key has reached it refuses it until it restarts.' },
      { text: 'Keys that are added on different nodes leave lists that differ for good: use one node.' },
    ],
    examples: ['api-key add --key-from file:/run/secrets/key scope=metrics'],
  },
  {
    words: ['api-key', 'delete'],
    summary: 'Delete an API key; the key is read from where --key-from says.',
    keys: [
      { ...key('key', value('text', 'KEY'), 'The key itself.'), secret: true },
      optionalKey('scope', SCOPES, 'Which of the keys with this text; mgmt by default.'),
    ],
    changes: 'data',
    scope: 'cluster',
    output: 'text',
    stake: { text: 'Whoever uses this key is locked out, vmqctl included if it is its own.' },
    examples: ['api-key delete --key-from env:OLD_KEY scope=metrics --yes'],
  },
  {
    words: ['api-key', 'show'],
    summary: 'Show the API keys of a node, in clear.',
    keys: [
      optionalKey('scope', choice('SCOPE', [...(SCOPES.oneOf ?? []), 'all']), 'Only these; all by default.'),
    ],
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    hazards: [{ text: 'The keys are shown in clear.' }],
  },
];
