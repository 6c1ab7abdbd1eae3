import { describe, expect, it } from 'vitest';
import { CATALOGUE, findCommand, nameOf, TOPICS } from '../../../../src/lib/admin/catalogue/index.js';
import { SESSION_FIELDS } from '../../../../src/lib/admin/catalogue/session.js';
import { SETTABLE } from '../../../../src/lib/admin/catalogue/settings.js';
import type { CommandSpec } from '../../../../src/lib/admin/catalogue/types.js';
import { BROKER_VERSIONS } from '../../../support/golden.js';
import { cliRows, recordedCommand } from '../cli/recorded.js';

/**
 * The commands of vmq-admin, from the broker's sources and written down by hand: words | keys in their order, in
 * brackets if they may be missing | long/short flags | since, if not always.
 */
const BROKER = `
node start
node stop
node status | | | 2.0.0
node swc_sync_status | | | 2.1.0
node flag_as_init_synced | | | 2.1.0
node history | | | 2.0.0
node upgrade | | upgrade-now instruction-file
cluster show
cluster join | discovery-node
cluster leave | node | kill_sessions/k summary-interval/i timeout/t
metrics show | | with-descriptions/d aggregate/a mqtt_version reason_code return_code
metrics reset
api-key create | [scope] [expires]
api-key add | key [scope] [expires] | | 1.2.0
api-key delete | key [scope]
api-key show | [scope]
session show | | limit rowtimeout node mountpoint client_id queue_pid queue_size session_pid is_offline is_online statename deliver_mode offline_messages online_messages num_sessions clean_session is_plugin queue_started_at user peer_host peer_port protocol waiting_acks session_started_at topic qos rap no_local msg_ref msg_qos routing_key dup payload
session disconnect | client-id | cleanup/c mountpoint/m | 1.3.0
session disconnect clients | client-ids | cleanup/c mountpoint/m | 2.0.0
session disconnect batch | count | cleanup/c mountpoint/m filter-client-ids/f node/n | 2.0.0
session reauthorize | username client-id | mountpoint/m | 1.7.0
session unsubscribe | client-id topic | plugin/p mountpoint/m | 2.1.0
retain show | | limit rowtimeout payload topic mountpoint | 1.7.0
retain delete | | mountpoint/m topic/t | 1.13.0
retain delete-expired | | | 2.1.0
plugin show | | plugin hook internal
plugin enable | | name/n path/p module/m function/f arity/a hook/h
plugin disable | | name/n path/p module/m function/f arity/a hook/h
listener show | | tls/t mqtt/m
listener start | address port | mountpoint/m max_connections nr_of_acceptors tls_handshake_timeout websocket proxy_protocol proxy_protocol_use_cn_as_username proxy_xff_trusted_intermediate proxy_xff_support proxy_xff_use_cn_as_username proxy_xff_cn_header allowed_protocol_versions http ssl cafile certfile keyfile keypasswd pskfile psk_support ciphers eccs crlfile require_certificate forward_connection_opts tls_version use_identity_as_username allow_anonymous_override auth_plugins authz_plugins config_mod config_fun http_modules
listener stop | address port | kill_sessions/k
listener restart | address port
listener delete | address port
trace client | client-id | mountpoint rate-max rate-interval trunc-payload
trace stop_all | | | 1.12.4
tls show | | | 2.0.0
tls check | | validity/v | 2.0.0
tls clear-pem-cache | | | 2.0.0
log show config | | | 2.0.0
log level | logger level | | 2.0.0
config show | app | key/k
config reset | app | key config-file config-val local global
set | | node/n all/a
show | | node/n all/a
describe
webhooks show
webhooks register | hook endpoint | base64payload no_payload response_timeout
webhooks deregister | hook endpoint
webhooks cache show | | reset
webhooks cache clear | | | 2.0.0
script show
script load | path
script reload | path
script unload | path
bridge show | | | 1.6.0
bridge start | | | 1.10.3
webui show | | | 2.0.0
webui install | | version/v repo/r | 2.0.0`;

const describeSpec = ({ words, keys = [], flags = [], since = '' }: CommandSpec) =>
  [
    words.join(' '),
    keys.map(({ name, required }) => (required ? name : `[${name}]`)).join(' '),
    flags.map(({ name, short }) => (short ? `${name}/${short}` : name)).join(' '),
    since,
  ]
    .join(' | ')
    .replace(/[ |]+$/, '')
    .replace(/ {2,}/g, ' ');

describe('the catalogue', () => {
  it('has what the broker has: commands, keys in their order, flags, and since when', () => {
    expect(CATALOGUE.map(describeSpec).sort()).toEqual(BROKER.trim().split('\n').sort());
  });

  it.each(BROKER_VERSIONS)('knows every command, key and flag that VerneMQ %s has carried out', (version) => {
    const unknown = cliRows(version).flatMap((row) => {
      const command = recordedCommand(row.argv);
      // What the broker itself refused to understand is not for the catalogue to know.
      if (/^(Usage|Invalid|Error|Empty|vmq-admin |You have)|Unknown variable/m.test(row.stdout)) return [];
      const spec = findCommand(command.words);
      if (!spec) return [row.argv.join(' ')];
      const keys = (command.arguments ?? []).filter(([name]) => !hasKey(spec, name));
      const flags = (command.flags ?? []).filter(([name]) => !hasFlag(spec, name));
      return [...keys, ...flags].map(([name]) => `${nameOf(spec)}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it.each(CATALOGUE.map((spec) => [nameOf(spec), spec] as const))(
    'says what %s is about, in one line',
    (_name, spec) => {
      const texts = [
        spec.summary,
        ...(spec.keys ?? []).map(({ summary }) => summary),
        ...(spec.flags ?? []).map(({ summary }) => summary),
        ...(spec.hazards ?? []).map(({ text }) => text),
        ...(spec.stake ? [spec.stake.text] : []),
      ];
      for (const text of texts) expect(text).toMatch(/^[A-Z][^\n]{5,110}\.$/);
      expect(
        spec.settings === 'words' ||
          spec.words.length === 1 ||
          (spec.words[0] ?? '') in TOPICS ||
          spec.richer,
      ).toBeTruthy();
    },
  );

  it('asks for consent to what cannot be taken back', () => {
    const asked = CATALOGUE.filter(({ stake }) => stake).map(nameOf);
    for (const name of [
      'session reauthorize',
      'node stop',
      'session disconnect batch',
      'plugin disable',
      'config reset',
    ])
      expect(asked).toContain(name);
    expect(CATALOGUE.filter(({ changes, stake }) => changes === 'nothing' && stake)).toEqual([]);
  });

  it('names flags and keys in hazards and needs that there are', () => {
    for (const spec of CATALOGUE) {
      for (const { withFlag } of [...(spec.hazards ?? []), ...(spec.stake ? [spec.stake] : [])])
        if (withFlag !== undefined)
          expect(hasFlag(spec, withFlag), `${nameOf(spec)} --${withFlag}`).toBe(true);
      for (const { needs } of spec.keys ?? [])
        if (needs !== undefined) expect(hasKey(spec, needs)).toBe(true);
    }
  });

  it('has each name once', () => {
    for (const names of [CATALOGUE.map(nameOf), SESSION_FIELDS, SETTABLE])
      expect(new Set(names).size).toBe(names.length);
  });
});

const hasKey = ({ keys = [], settings }: CommandSpec, name: string) =>
  settings === 'keys' || keys.some((key) => key.name === name);

const hasFlag = ({ flags = [] }: CommandSpec, name: string) =>
  ['help', 'format'].includes(name) || flags.some((flag) => flag.name === name);
