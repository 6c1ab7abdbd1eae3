import { either, key, option, TRUTH, toggle, value } from './shapes.js';
import type { CommandSpec } from './types.js';

export const NODE_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['node', 'start'],
    summary: 'Start the broker inside an Erlang node that runs without it.',
    changes: 'node',
    scope: 'node',
    output: 'text',
  },
  {
    words: ['node', 'stop'],
    summary: 'Stop the broker; the Erlang node around it keeps running.',
    changes: 'node',
    scope: 'node',
    output: 'text',
    stake: { text: 'All clients of the node are disconnected, and its HTTP listener stops with it.' },
    hazards: [
      { text: 'Over HTTP the answer never comes: the listener that would send it is stopped as well.' },
    ],
  },
  {
    words: ['node', 'status'],
    summary: 'Show counters and the version of one node.',
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    since: '2.0.0',
  },
  {
    words: ['node', 'swc_sync_status'],
    summary: 'Show which partitions of the metadata store have had their first sync.',
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    since: '2.1.0',
  },
  {
    words: ['node', 'flag_as_init_synced'],
    summary: 'Mark the metadata store of a node as synced.',
    changes: 'node',
    scope: 'node',
    output: 'text',
    since: '2.1.0',
    stake: {
      text: 'A node that is marked too early serves clients with metadata that it does not have yet.',
    },
  },
  {
    words: ['node', 'history'],
    summary: 'Tell whether the metadata store of a node is empty.',
    changes: 'nothing',
    scope: 'node',
    output: 'text',
    since: '2.0.0',
    hazards: [{ text: 'The broker answers existing_state for an empty node too.' }],
  },
  {
    words: ['node', 'upgrade'],
    summary: 'Show, or with --upgrade-now do, a hot upgrade of the code.',
    flags: [
      toggle('upgrade-now', undefined, 'Do it; without this flag it is only tried.'),
      option('instruction-file', undefined, value('path'), 'Upgrade instructions, a file on the node.'),
    ],
    changes: 'node',
    scope: 'node',
    output: 'text',
    stake: { text: 'Code is replaced in a running node, without a way back.', withFlag: 'upgrade-now' },
  },
];

export const CLUSTER_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['cluster', 'show'],
    summary: 'Show the members as one node sees them.',
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    richer: 'cluster show',
  },
  {
    words: ['cluster', 'join'],
    summary: 'Join the node that runs it to a cluster.',
    keys: [key('discovery-node', value('node'), 'A member of the cluster to join.')],
    changes: 'cluster',
    scope: 'node',
    output: 'text',
    richer: 'cluster join',
    hazards: [{ text: 'The broker says Done when its new membership is sent out, not when it has arrived.' }],
  },
  {
    words: ['cluster', 'leave'],
    summary: 'Take a node out of the cluster.',
    keys: [key('node', value('node'), 'The node that leaves.')],
    flags: [
      toggle('kill_sessions', 'k', 'Kill the sessions and migrate the queues.'),
      option('summary-interval', 'i', value('count', 'SECONDS'), 'Between the checks; 5 by default.'),
      option('timeout', 't', value('count', 'SECONDS'), 'For the sessions to go offline; 60 by default.'),
    ],
    changes: 'cluster',
    scope: 'cluster',
    output: 'text',
    richer: 'cluster leave',
    hazards: [
      { text: 'The broker says Done for a misspelt or absent node too.' },
      { text: 'Its own call is cut after 60 s while the leave goes on.' },
    ],
  },
];

export const METRICS_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['metrics', 'show'],
    summary: 'Show the metrics of one node.',
    flags: [
      toggle('with-descriptions', 'd', 'With a line of explanation above each.'),
      either('aggregate', 'a', TRUTH, 'Whether labelled metrics are summed up; they are by default.'),
      option('mqtt_version', undefined, value('text', 'VERSION'), 'Only metrics with this label: 4 or 5.'),
      option('reason_code', undefined, value('text', 'NAME'), 'Only metrics with this label.'),
      option('return_code', undefined, value('text', 'NAME'), 'Only metrics with this label.'),
    ],
    changes: 'nothing',
    scope: 'node',
    output: 'text',
  },
  {
    words: ['metrics', 'reset'],
    summary: 'Set the counters of one node back to zero.',
    changes: 'node',
    scope: 'node',
    output: 'text',
    hazards: [{ text: 'What reads the counters sees them go backwards.' }],
  },
];
