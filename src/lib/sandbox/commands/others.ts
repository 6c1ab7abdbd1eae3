import { alert, type Call, type Command, failed, type Reply, table, text } from './command.js';

const PLUGIN = 'vmq_diversity';

/** Commands of which the sandbox knows little more than how they fail. */
export const otherCommands: readonly Command[] = [
  { words: ['plugin', 'enable'], flags: { name: 'any' }, run: (call) => plugin(call, 'enable') },
  { words: ['plugin', 'disable'], flags: { name: 'any' }, run: (call) => plugin(call, 'disable') },
  { words: ['tls', 'show'], run: () => table([]) },
  { words: ['tls', 'check'], run: () => text('All fine') },
  { words: ['tls', 'clear-pem-cache'], run: () => failed },
  { words: ['log', 'level'], keys: { logger: 'any', level: 'any' }, run: () => failed },
  // It waits for the client's traffic, which never comes over HTTP: the socket is closed in the end.
  { words: ['trace', 'client'], keys: { 'client-id': 'any' }, run: () => new Promise(() => {}) },
  { words: ['trace', 'stop_all'], run: () => failed },
];

function plugin({ flags }: Call, action: 'enable' | 'disable'): Reply {
  const name = flags.get('name') ?? '';
  if (name !== PLUGIN) return alert(`Can't ${action} plugin: ${name} due to plugin_not_found`);
  return alert(
    `Can't ${action} plugin: ${name} due to ${action === 'enable' ? 'already_enabled' : 'simulated'}`,
  );
}
