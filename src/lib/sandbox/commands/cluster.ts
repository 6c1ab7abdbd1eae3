import { leave } from '../membership/leave.js';
import { join } from '../membership/membership.js';
import { clusterRows } from '../node/report.js';
import { alert, type Call, type Command, done, failed, type Reply, table, text } from './command.js';

/** Seconds; the broker's defaults. */
const DEFAULT_TIMEOUT = 60;
const DEFAULT_INTERVAL = 5;

export const clusterCommands: readonly Command[] = [
  {
    words: ['cluster', 'show'],
    run: ({ node }) => table(clusterRows(node).map(([name, running]) => ({ Node: name, Running: running }))),
  },
  {
    words: ['cluster', 'join'],
    keys: { 'discovery-node': 'any' },
    run: joinCommand,
  },
  {
    words: ['cluster', 'leave'],
    keys: { node: 'any' },
    flags: { kill_sessions: 'any', timeout: 'whole number', 'summary-interval': 'any' },
    run: leaveCommand,
  },
];

function joinCommand({ node, keys }: Call): Reply {
  const discovery = keys.get('discovery-node');
  if (discovery === undefined)
    return alert('You have to provide a discovery node (example discovery-node=vernemq1@127.0.0.1)');
  return join(node, discovery) === 'done' ? done : failed;
}

async function leaveCommand({ node, keys, flags }: Call): Promise<Reply> {
  const name = keys.get('node');
  const interval = Number(flags.get('summary-interval') ?? DEFAULT_INTERVAL);
  // The broker's parser lets a wrong interval through, and the command breaks on it.
  if (!(interval > 0)) return failed;
  if (name === undefined) return alert('You have to provide a node');
  const timeout = Number(flags.get('timeout') ?? DEFAULT_TIMEOUT);
  const outcome = await leave(node, name, { killSessions: flags.has('kill_sessions'), timeout, interval });
  return outcome === 'crashed' ? failed : text(outcome);
}
