import { API_KEY_COMMANDS } from './api-key.js';
import { LOG_COMMANDS, TLS_COMMANDS, TRACE_COMMANDS } from './diagnosis.js';
import { LISTENER_COMMANDS } from './listener.js';
import { CLUSTER_COMMANDS, METRICS_COMMANDS, NODE_COMMANDS } from './node.js';
import { OTHER_PLUGIN_COMMANDS, PLUGIN_COMMANDS, SCRIPT_COMMANDS } from './plugin.js';
import { RETAIN_COMMANDS, SESSION_COMMANDS } from './session.js';
import { SETTING_COMMANDS } from './settings.js';
import type { CommandSpec, FlagSpec } from './types.js';
import { WEBHOOK_COMMANDS } from './webhooks.js';

/** All commands of `vmq-admin` (vernemq.md §2.2). Everything that knows of single commands takes it from here. */
export const CATALOGUE: readonly CommandSpec[] = [
  ...NODE_COMMANDS,
  ...CLUSTER_COMMANDS,
  ...METRICS_COMMANDS,
  ...API_KEY_COMMANDS,
  ...SESSION_COMMANDS,
  ...RETAIN_COMMANDS,
  ...PLUGIN_COMMANDS,
  ...LISTENER_COMMANDS,
  ...TRACE_COMMANDS,
  ...TLS_COMMANDS,
  ...LOG_COMMANDS,
  ...SETTING_COMMANDS,
  ...WEBHOOK_COMMANDS,
  ...SCRIPT_COMMANDS,
  ...OTHER_PLUGIN_COMMANDS,
];

/** What stands behind each first word, for help. */
export const TOPICS: Readonly<Record<string, string>> = {
  'api-key': 'Keys of the HTTP management API',
  bridge: 'MQTT bridges',
  config: 'Internal settings',
  listener: 'Listeners of a node',
  log: 'Log handlers of a node',
  metrics: 'Metrics of a node',
  node: 'One node: its state, start and stop',
  plugin: 'Plugins of a node',
  retain: 'Retained messages',
  script: 'Lua scripts of a node',
  session: 'MQTT sessions',
  tls: 'Certificates of the listeners',
  trace: 'What a node and a client exchange',
  webhooks: 'Webhooks of a node',
  webui: 'The web interface of a node',
};

export const nameOf = (spec: CommandSpec): string => spec.words.join(' ');

/** The command that the longest run of words at the beginning names. */
export function findCommand(words: readonly string[]): CommandSpec | undefined {
  return CATALOGUE.filter((spec) => spec.words.every((word, index) => words[index] === word)).reduce<
    CommandSpec | undefined
  >((best, spec) => (best && best.words.length >= spec.words.length ? best : spec), undefined);
}

export const flagNamed = (spec: CommandSpec | undefined, name: string): FlagSpec | undefined =>
  spec?.flags?.find((flag) => flag.name === name);
