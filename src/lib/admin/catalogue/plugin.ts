import { key, NOT_PERSISTENT, option, toggle, value } from './shapes.js';
import type { CommandSpec, FlagSpec } from './types.js';

/** `-h` is the hook for the broker's table, and help for the broker's parser, which comes first. */
const PLUGIN_FLAGS: readonly FlagSpec[] = [
  option('name', 'n', value('atom', 'NAME'), 'A plugin that is an application.'),
  option('path', 'p', value('path'), 'Where it is, a folder on the node.'),
  option('module', 'm', value('atom', 'MODULE'), 'A plugin that is one function: its module.'),
  option('function', 'f', value('atom', 'FUNCTION'), 'Its function.'),
  option('arity', 'a', value('integer', 'ARITY'), 'How many arguments it takes.'),
  option('hook', 'h', value('atom', 'HOOK'), 'The hook, if it is not named as the function; only as --hook.'),
];

export const PLUGIN_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['plugin', 'show'],
    summary: 'Show the plugins of one node, with their hooks.',
    flags: [
      option('plugin', undefined, value('atom', 'NAME'), 'Only this one.'),
      option('hook', undefined, value('atom', 'HOOK'), 'Only those with this hook.'),
      toggle('internal', undefined, "The broker's own too."),
    ],
    changes: 'nothing',
    scope: 'node',
    output: 'table',
  },
  {
    words: ['plugin', 'enable'],
    summary: 'Turn a plugin on, on one node.',
    flags: PLUGIN_FLAGS,
    changes: 'node',
    scope: 'node',
    output: 'text',
    hazards: [NOT_PERSISTENT],
    examples: ['plugin enable --name=vmq_webhooks'],
  },
  {
    words: ['plugin', 'disable'],
    summary: 'Turn a plugin off, on one node.',
    flags: PLUGIN_FLAGS,
    changes: 'node',
    scope: 'node',
    output: 'text',
    stake: { text: 'Without its authorization plugin a node refuses all clients, or lets all in.' },
    hazards: [NOT_PERSISTENT],
  },
];

const SCRIPT_KEYS = [key('path', value('path'), 'The script, a file on the node.')];
const SCRIPTS = { plugin: 'vmq_diversity', scope: 'node' } as const;

export const SCRIPT_COMMANDS: readonly CommandSpec[] = [
  {
    ...SCRIPTS,
    words: ['script', 'show'],
    summary: 'Show the Lua scripts of one node.',
    changes: 'nothing',
    output: 'table',
  },
  {
    ...SCRIPTS,
    words: ['script', 'load'],
    summary: 'Load a Lua script on one node.',
    keys: SCRIPT_KEYS,
    changes: 'node',
    output: 'text',
    hazards: [NOT_PERSISTENT],
  },
  {
    ...SCRIPTS,
    words: ['script', 'reload'],
    summary: 'Load a Lua script again.',
    keys: SCRIPT_KEYS,
    changes: 'node',
    output: 'text',
  },
  {
    ...SCRIPTS,
    words: ['script', 'unload'],
    summary: 'Remove a Lua script from one node.',
    keys: SCRIPT_KEYS,
    changes: 'node',
    output: 'text',
    stake: { text: 'Without its authorization script a node refuses all clients.' },
    hazards: [NOT_PERSISTENT],
  },
];

const BRIDGES = { plugin: 'vmq_bridge', scope: 'node' } as const;
const WEB_UI = { plugin: 'vmq_web_ui', scope: 'node' } as const;

export const OTHER_PLUGIN_COMMANDS: readonly CommandSpec[] = [
  {
    ...BRIDGES,
    words: ['bridge', 'show'],
    summary: 'Show the MQTT bridges of one node.',
    changes: 'nothing',
    output: 'table',
    since: '1.6.0',
  },
  {
    ...BRIDGES,
    words: ['bridge', 'start'],
    summary: 'Start the configured MQTT bridges again.',
    changes: 'node',
    output: 'text',
    since: '1.10.3',
  },
  {
    ...WEB_UI,
    words: ['webui', 'show'],
    summary: 'Show where the web interface is installed.',
    changes: 'nothing',
    output: 'table',
    since: '2.0.0',
  },
  {
    ...WEB_UI,
    words: ['webui', 'install'],
    summary: 'Download the web interface onto one node.',
    flags: [
      option('version', 'v', value('text', 'VERSION'), 'Such as v0.0.1, the default.'),
      option('repo', 'r', value('text', 'OWNER'), 'The GitHub account it comes from; vernemq by default.'),
    ],
    changes: 'node',
    output: 'text',
    since: '2.0.0',
    stake: { text: 'The node downloads and serves files from GitHub, in place of those it has.' },
  },
];
