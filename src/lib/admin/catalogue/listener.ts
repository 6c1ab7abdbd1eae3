import { either, key, NOT_PERSISTENT, option, TRUTH, toggle, value } from './shapes.js';
import type { CommandSpec, FlagSpec } from './types.js';

const KEYS = [
  key('address', value('address'), 'The IP address it listens on.'),
  key('port', value('port'), 'The port it listens on.'),
];

const file = (name: string, summary: string): FlagSpec => option(name, undefined, value('path'), summary);
const text = (name: string, label: string, summary: string): FlagSpec =>
  option(name, undefined, value('text', label), summary);
/** The broker crashes on anything but `true` and `false`, and takes the flag alone for `true`. */
const truth = (name: string, summary: string): FlagSpec => either(name, undefined, TRUTH, summary);

const START_FLAGS: readonly FlagSpec[] = [
  option('mountpoint', 'm', value('text', 'MOUNTPOINT'), 'Where its clients are mounted.'),
  option('max_connections', undefined, value('limit', 'COUNT|infinity'), 'How many it takes.'),
  option('nr_of_acceptors', undefined, value('count'), 'Processes that accept connections.'),
  option('tls_handshake_timeout', undefined, value('limit', 'MILLISECONDS|infinity'), 'For a TLS handshake.'),
  toggle('websocket', undefined, 'Speak WebSocket.'),
  toggle('proxy_protocol', undefined, 'Expect the PROXY protocol, version 2.'),
  truth('proxy_protocol_use_cn_as_username', 'Take the user name from the certificate that the proxy names.'),
  text('proxy_xff_trusted_intermediate', 'ADDRESSES', 'Proxies whose X-Forwarded-For is believed.'),
  truth('proxy_xff_support', 'Read X-Forwarded-For.'),
  truth('proxy_xff_use_cn_as_username', 'Take the user name from the header of the proxy.'),
  text('proxy_xff_cn_header', 'HEADER', 'The header that has it.'),
  text('allowed_protocol_versions', '3,4,5', 'MQTT versions: 3, 4 (3.1.1), 5, 131 and 132 (bridges).'),
  toggle('http', undefined, 'An HTTP listener.'),
  toggle('ssl', undefined, 'With TLS.'),
  file('cafile', 'Certificates of the authorities that clients are checked against.'),
  file('certfile', 'Its certificate.'),
  file('keyfile', 'The key of its certificate.'),
  text('keypasswd', 'PASSWORD', 'The password of the key file.'),
  file('pskfile', 'Pre-shared keys.'),
  truth('psk_support', 'Accept pre-shared keys.'),
  text('ciphers', 'LIST', 'Ciphers, between colons.'),
  text('eccs', 'LIST', 'Elliptic curves, between colons.'),
  file('crlfile', 'Revoked certificates.'),
  truth('require_certificate', 'Clients need a certificate.'),
  truth('forward_connection_opts', 'Hand the options of a connection to the plugins.'),
  text('tls_version', 'VERSION', 'Such as tlsv1.3.'),
  truth('use_identity_as_username', "Take the user name from the client's certificate."),
  truth('allow_anonymous_override', 'Let clients in without a password.'),
  text('auth_plugins', 'LIST', 'Plugins that decide on logins here; from 2.2.0 on.'),
  text('authz_plugins', 'LIST', 'Plugins that decide on topics here; from 2.2.0 on.'),
  option('config_mod', undefined, value('atom', 'MODULE'), 'Module that gives further options.'),
  option('config_fun', undefined, value('atom', 'FUNCTION'), 'Its function.'),
  text('http_modules', 'LIST', 'What an HTTP listener serves.'),
];

export const LISTENER_COMMANDS: readonly CommandSpec[] = [
  {
    words: ['listener', 'show'],
    summary: 'Show the listeners of one node.',
    flags: [toggle('tls', 't', 'With columns about TLS.'), toggle('mqtt', 'm', 'With columns about MQTT.')],
    changes: 'nothing',
    scope: 'node',
    output: 'table',
    hazards: [{ text: 'The column cafile is always empty.', withFlag: 'tls' }],
  },
  {
    words: ['listener', 'start'],
    summary: 'Start a new listener on one node.',
    keys: KEYS,
    flags: START_FLAGS,
    changes: 'node',
    scope: 'node',
    output: 'text',
    hazards: [
      NOT_PERSISTENT,
      { text: 'The password is visible to whoever sees the command line.', withFlag: 'keypasswd' },
    ],
    examples: ['listener start address=172.16.16.13 port=1883'],
  },
  {
    words: ['listener', 'stop'],
    summary: 'Stop a listener from taking new connections.',
    keys: KEYS,
    flags: [toggle('kill_sessions', 'k', 'Disconnect its clients too.')],
    changes: 'node',
    scope: 'node',
    output: 'text',
    stake: { text: 'All clients of the listener are disconnected.', withFlag: 'kill_sessions' },
    hazards: [NOT_PERSISTENT],
  },
  {
    words: ['listener', 'restart'],
    summary: 'Let a stopped listener take connections again.',
    keys: KEYS,
    changes: 'node',
    scope: 'node',
    output: 'text',
  },
  {
    words: ['listener', 'delete'],
    summary: 'Delete a stopped listener.',
    keys: KEYS,
    changes: 'node',
    scope: 'node',
    output: 'text',
    stake: { text: 'Its options are forgotten: listener restart cannot bring it back.' },
    hazards: [
      NOT_PERSISTENT,
      { text: 'From 2.2.0 on the broker says Done for a listener that is not there too.' },
    ],
  },
];
