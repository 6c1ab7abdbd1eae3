import type { ListenerOutcome, ListenerRow } from '../node/listeners.js';
import { LOOPBACK } from '../node/tcp-listener.js';
import {
  alert,
  type Call,
  type Command,
  done,
  failed,
  type Kind,
  type Reply,
  type Row,
  table,
} from './command.js';

const KEYS: Readonly<Record<string, Kind>> = { address: 'address', port: 'port' };

export const listenerCommands: readonly Command[] = [
  { words: ['listener', 'show'], flags: { tls: 'any', mqtt: 'any' }, run: show },
  { words: ['listener', 'start'], keys: KEYS, flags: { mountpoint: 'any' }, run: start },
  {
    words: ['listener', 'stop'],
    keys: KEYS,
    flags: { kill_sessions: 'any' },
    run: (call) =>
      change(call, 'stop', (port, address) =>
        call.node.listeners.stop(address, port, call.flags.has('kill_sessions')),
      ),
  },
  {
    words: ['listener', 'restart'],
    keys: KEYS,
    run: (call) => change(call, 'restart', (port, address) => call.node.listeners.restart(address, port)),
  },
  {
    words: ['listener', 'delete'],
    keys: KEYS,
    run: (call) => change(call, 'delete', (port, address) => call.node.listeners.delete(address, port)),
  },
];

const TLS_COLUMNS = [
  'tls_version',
  'certfile',
  'cafile',
  'keyfile',
  'require_certificate',
  'use_identity_as_username',
  'psk_support',
  'pskfile',
];

function show({ node, flags }: Call): Reply {
  const tls = flags.has('tls') ? Object.fromEntries(TLS_COLUMNS.map((name) => [name, ''])) : {};
  const rows = node.listeners
    .rows()
    .map((row) => ({ ...listenerRow(row), ...tls, ...(flags.has('mqtt') ? mqttColumns(row) : {}) }));
  return table(rows);
}

/** `port` is text in this table, and only here. */
const listenerRow = ({
  type,
  status,
  address = LOOPBACK,
  port,
  maxConnections,
  connections,
}: ListenerRow): Row => ({
  type,
  status,
  address,
  port: String(port),
  mountpoint: '',
  max_conns: maxConnections,
  active_conns: connections,
  all_conns: connections,
});

const mqttColumns = ({ type }: ListenerRow): Row => ({
  allowed_protocol_versions: type === 'mqtt' ? 'mqtt 3.1, mqtt 3.1.1, mqtt 5, mqtt 3.1 (bridge)' : '',
  allow_anonymous_override: type === 'mqtt' ? false : '',
});

async function start({ node, keys }: Call): Promise<Reply> {
  const port = keys.get('port');
  if (port === undefined) return usage('start');
  // The sandbox never listens on anything but the loopback address.
  const outcome = keys.get('address') === LOOPBACK ? await node.listeners.start(Number(port)) : 'failed';
  if (outcome === 'done') return done;
  return alert(
    `can't start listener due to '${outcome === 'failed' ? 'eaddrinuse' : '{already_started,<0.1.0>}'}'`,
  );
}

async function change(
  { keys }: Call,
  name: string,
  act: (port: number, address: string) => ListenerOutcome | Promise<ListenerOutcome>,
): Promise<Reply> {
  const port = keys.get('port');
  if (port === undefined) return usage(name);
  return (await act(Number(port), keys.get('address') ?? '')) === 'done' ? done : failed;
}

const usage = (name: string): Reply => alert(`vmq-admin listener ${name} address=IpAddr port=Port`);
