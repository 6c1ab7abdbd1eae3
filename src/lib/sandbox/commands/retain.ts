import type { RetainedMessage } from '../node/metadata.js';
import { alert, type Call, type Command, done, type Reply, table } from './command.js';

const COLUMNS: Readonly<Record<string, (message: RetainedMessage) => string>> = {
  payload: ({ payload }) => payload.toString(),
  topic: ({ topic }) => topic,
  mountpoint: () => '',
};
const DEFAULT_COLUMNS = ['payload', 'topic'];

export const retainCommands: readonly Command[] = [
  {
    words: ['retain', 'show'],
    flags: { payload: 'any', topic: 'any', mountpoint: 'any', limit: 'any', rowtimeout: 'any' },
    run: show,
  },
  { words: ['retain', 'delete'], flags: { topic: 'any', mountpoint: 'any' }, run: remove },
  { words: ['retain', 'delete-expired'], run: () => table([{ expired: 0 }]) },
];

function show({ node, flags }: Call): Reply {
  const named = [...flags].filter(([name]) => name in COLUMNS);
  const chosen = named.filter(([, value]) => value === '').map(([name]) => name);
  const columns = (chosen.length > 0 ? chosen : DEFAULT_COLUMNS).toSorted();
  const found = [...node.metadata.retained.values()].filter((message) =>
    named.every(([name, value]) => value === '' || COLUMNS[name]?.(message) === value),
  );
  const rows = found.slice(0, Number(flags.get('limit') ?? found.length));
  return table(
    rows.map((message) => Object.fromEntries(columns.map((name) => [name, COLUMNS[name]?.(message) ?? '']))),
  );
}

function remove({ node, flags }: Call): Reply {
  const topic = flags.get('topic') ?? '';
  if (topic === '') return alert('No valid topic given.');
  node.metadata.retained.delete(topic);
  return done;
}
