import { alert, type Call, type Command, failed, type Reply, type Row, table, text } from './command.js';

const PLUGIN = 'vmq_diversity';

/** Commands of which the sandbox knows little more than how they fail. */
export const otherCommands: readonly Command[] = [
  {
    words: ['plugin', 'show'],
    flags: { internal: 'any' },
    run: ({ flags }) => table(plugins(flags.has('internal'))),
  },
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

/** Those that are internal stand in front; of their hooks the first is enough here. */
function plugins(internal: boolean): Row[] {
  const row = (Plugin: string, hook: string, arity: number): Row => ({
    Plugin,
    Type: 'application',
    'Hook(s)': `${hook}\n`,
    'M:F/A': `${Plugin}_plugin:${hook}/${arity}\n`,
  });
  return [...(internal ? [row('vmq_swc', 'metadata_put', 3)] : []), row(PLUGIN, 'auth_on_register', 5)];
}

function plugin({ flags }: Call, action: 'enable' | 'disable'): Reply {
  const name = flags.get('name') ?? '';
  if (name !== PLUGIN) return alert(`Can't ${action} plugin: ${name} due to plugin_not_found`);
  return alert(
    `Can't ${action} plugin: ${name} due to ${action === 'enable' ? 'already_enabled' : 'simulated'}`,
  );
}
