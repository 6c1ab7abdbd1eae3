import { apiKeyCommands } from './api-key.js';
import { clusterCommands } from './cluster.js';
import type { Command } from './command.js';
import { listenerCommands } from './listener.js';
import { nodeCommands } from './node.js';
import { otherCommands } from './others.js';
import { retainCommands } from './retain.js';
import { sessionCommands } from './session.js';
import { sessionShow } from './session-show.js';
import { settingCommands } from './settings.js';

/** The commands that the sandbox knows. The broker has more; here those are unknown, which is a 400. */
const COMMANDS: readonly Command[] = [
  ...clusterCommands,
  sessionShow,
  ...sessionCommands,
  ...listenerCommands,
  ...apiKeyCommands,
  ...nodeCommands,
  ...retainCommands,
  ...settingCommands,
  ...otherCommands,
];

export function findCommand(words: readonly string[]): Command | undefined {
  return COMMANDS.find((command) => {
    const own = words.slice(0, command.words.length);
    const lengthFits = command.takesWords ? words.length > own.length : words.length === command.words.length;
    return lengthFits && own.join('/') === command.words.join('/');
  });
}
