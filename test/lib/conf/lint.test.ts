import { describe, expect, test } from 'vitest';
import type { NodeConfiguration, SourceFile } from '../../../src/lib/conf/configuration.js';
import { type LintOptions, lintCluster } from '../../../src/lib/conf/lint/lint.js';
import { DEFAULTS } from '../../../src/lib/conf/lint/node.js';
import { redactVernemqConf } from '../../../src/lib/conf/redact.js';
import { Secret } from '../../../src/lib/secret.js';
import { BROKER_VERSIONS, goldenFile } from '../../support/golden.js';

/** A node of a cluster that is as it should be; what is given comes after it, and thus wins. */
function sound(number: number): string {
  return `nodename = VerneMQ@10.0.0.${number}
distributed_cookie = 0dd-long-secret
listener.vmq.clustering = 10.0.0.${number}:44053
listener.tcp.default = 10.0.0.${number}:1883
plugins.vmq_passwd = off
plugins.vmq_acl = off
`;
}

interface More extends Partial<NodeConfiguration> {
  readonly included?: SourceFile['included'];
}

function node(text: string, { included, ...more }: More = {}): NodeConfiguration {
  const path = more.origin ?? 'a.conf';
  return { origin: path, vernemqConf: { path, text, ...(included ? { included } : {}) }, ...more };
}

/** Appends to a sound node, without what it says of the same keys. */
function withSettings(number: number, lines: string): string {
  const keys = lines.split('\n').map((line) => line.split('=')[0]?.trim());
  const kept = sound(number)
    .split('\n')
    .filter((line) => !keys.includes(line.split('=')[0]?.trim()));
  return kept.join('\n') + lines;
}

const codes = (texts: readonly string[], options: LintOptions = {}) =>
  lintCluster(
    texts.map((text, index) => node(text, { origin: `${'abc'[index]}.conf` })),
    options,
  ).findings.map(({ code, severity, key }) => `${severity} ${code} ${key}`);

test('a sound cluster has no findings', () => {
  expect(codes([sound(1), sound(2), sound(3)])).toEqual([]);
  expect(codes([sound(1)])).toEqual([]);
});

describe('what is wrong with one node of a cluster', () => {
  test.each([
    // Lines and keys: all of them keep the broker from starting, but for the last ones.
    ['listen here', 'critical syntax_error null'],
    ['a b = 1', 'critical syntax_error null'],
    ["retry_interval = '5' x", 'critical syntax_error retry_interval'],
    ['retry_interval =', 'critical empty_value retry_interval'],
    ['retry_interval = # none', 'critical empty_value retry_interval'],
    ['# caf\ufffd', 'critical not_utf8 null'],
    ['retry_intervall = 5', 'critical unknown_key retry_intervall'],
    ['allow_multiple_sessions = on', 'critical removed_key allow_multiple_sessions'],
    ['retry_interval = soon', 'critical bad_value retry_interval'],
    ['listener.tcp.x = localhost:1883', 'critical bad_value listener.tcp.x'],
    ['listener.tcp.x = 10.0.0.1:99999', 'critical bad_port listener.tcp.x'],
    [
      'listener.tcp.proxy_protocol_use_cn_as_username = off',
      'critical bad_value listener.tcp.proxy_protocol_use_cn_as_username',
    ],
    ['retry_interval = 5\nretry_interval = 6', 'warn duplicate_key retry_interval'],
    ['graphite_prefix = a#b', 'warn value_cut_short graphite_prefix'],
    ['graphite_prefix = "a"', 'warn quotes_kept graphite_prefix'],
    // Names, listeners, ports.
    ['nodename = VerneMQ', 'critical bad_node_name nodename'],
    ['nodename = VerneMQ@127.0.0.1', 'critical loopback_node_name nodename'],
    [
      'listener.vmq.clustering = 0.0.0.0:44053',
      'critical cluster_listener_any_address listener.vmq.clustering',
    ],
    ['listener.vmq.clustering = :::44053', 'critical cluster_listener_any_address listener.vmq.clustering'],
    [
      'listener.vmq.clustering = 127.0.0.1:44053',
      'critical cluster_listener_loopback listener.vmq.clustering',
    ],
    [
      'listener.vmq.clustering = 192.168.0.1:44053',
      'warn cluster_listener_other_address listener.vmq.clustering',
    ],
    ['listener.vmqs.x = 10.0.0.1:44054', 'warn vmq_and_vmqs listener.vmq.clustering'],
    [
      'erlang.distribution.port_range.minimum = 6000',
      'warn port_range_without_maximum erlang.distribution.port_range.minimum',
    ],
    [
      'erlang.distribution.port_range.maximum = 6000',
      'warn port_range_without_minimum erlang.distribution.port_range.maximum',
    ],
    [
      'erlang.distribution.port_range.minimum = 7\nerlang.distribution.port_range.maximum = 6',
      'critical port_range_reversed erlang.distribution.port_range.minimum',
    ],
    // Who gets in.
    ['allow_anonymous = on', 'warn anonymous_access allow_anonymous'],
    [
      'listener.tcp.default.allow_anonymous_override = on',
      'warn anonymous_listener listener.tcp.default.allow_anonymous_override',
    ],
    [
      'vmq_diversity.auth_redis.enabled = on',
      'critical redis_auth_not_loaded vmq_diversity.auth_redis.enabled',
    ],
    [
      'plugins.vmq_diversity = on\nvmq_diversity.auth_redis.enabled = on\nplugins.vmq_acl = on',
      'critical acl_file_beside_redis plugins.vmq_acl',
    ],
    [
      'plugins.vmq_diversity = on\nvmq_diversity.auth_redis.enabled = on\nplugins.vmq_passwd = on',
      'warn password_file_beside_redis plugins.vmq_passwd',
    ],
    [
      'listener.tcp.default.auth_plugins = vmq_diversity',
      'critical bad_plugin_chain listener.tcp.default.auth_plugins',
    ],
    ['vmq_webhooks.w.hook = on_publish', 'critical incomplete_webhook vmq_webhooks.w.endpoint'],
    ['listener.http.x = 10.0.0.1:8888', 'warn plain_http listener.http.x'],
    [
      'listener.https.x = 10.0.0.1:8888\nhttp_module.vmq_http_mgmt_api.auth.mode = noauth',
      'critical management_without_key http_module.vmq_http_mgmt_api.auth.mode',
    ],
    [
      'listener.http.x = 127.0.0.1:8888\nlistener.http.x.http_module.vmq_http_mgmt_api.auth.mode = noauth',
      'warn management_without_key listener.http.x.http_module.vmq_http_mgmt_api.auth.mode',
    ],
    // While it runs.
    ['distributed_cookie = vmq', 'critical default_cookie distributed_cookie'],
    ['allow_publish_during_netsplit = on', 'warn netsplit_allowed allow_publish_during_netsplit'],
    ['max_offline_messages = -1', 'warn messages_kept_forever max_offline_messages'],
    ['max_offline_messages = 100000', 'warn messages_kept_forever max_offline_messages'],
    ["nodename = 'VerneMQ@10.0.0.1'", 'warn vmq_admin_misreads nodename'],
    ['nodename = VerneMQ@10.0.0.1 # here', 'warn vmq_admin_misreads nodename'],
    // Side by side.
    ['nodename = VerneMQ@10.0.0.2\nlistener.vmq.clustering = 10.0.0.9:1', 'critical same_node_name nodename'],
    [
      'listener.vmq.clustering = 10.0.0.2:44053',
      'critical cluster_listener_of_other_node listener.vmq.clustering',
    ],
    ['distributed_cookie = other', 'critical cookies_differ distributed_cookie'],
    ['metadata_plugin = vmq_plumtree', 'critical metadata_plugins_differ metadata_plugin'],
    ['vmq_swc.swc_groups = 20', 'critical swc_groups_differ vmq_swc.swc_groups'],
  ])('%j', (lines, expected) => {
    expect(codes([withSettings(1, lines), sound(2)])).toContain(expected);
  });
});

describe('what is all right', () => {
  test.each([
    "distributed_cookie = '0dd-long-secret'",
    'persistent_client_expiration = 1w\nmax_offline_messages = -1',
    'listener.http.x = 127.0.0.1:8888',
    'listener.http.x = 127.0.0.1:8888\nlistener.http.x.http_modules = [vmq_metrics_http]\nhttp_module.vmq_http_mgmt_api.auth.mode = noauth',
    'vmq_diversity.redis.password = $(REDIS_PASSWORD)',
    'retry_interval = $(RETRY)',
    'erlang.distribution.port_range.minimum = 6000\nerlang.distribution.port_range.maximum = 6100',
    'plugins.vmq_diversity = on\nvmq_diversity.auth_redis.enabled = on\nlistener.tcp.default.auth_plugins = [vmq_diversity]',
    'vmq_webhooks.w.hook = on_publish\nvmq_webhooks.w.endpoint = http://10.0.0.7/',
  ])('%j', (lines) => {
    const findings = codes([withSettings(1, lines), sound(2)]);
    expect(findings.filter((finding) => !finding.includes('vmq_admin_misreads'))).toEqual([]);
  });

  test('a single node with a loopback name is a warning: it may be meant so', () => {
    const text = withSettings(1, 'nodename = VerneMQ@127.0.0.1\nlistener.vmq.clustering = 0.0.0.0:44053');
    expect(codes([text])).toEqual([
      'warn loopback_node_name nodename',
      'warn cluster_listener_any_address listener.vmq.clustering',
    ]);
  });

  test('a node without a cluster listener, as long as it is alone', () => {
    const text = sound(1).replace(/listener\.vmq.*\n/, '');
    expect(codes([text])).toEqual([]);
    expect(codes([text, sound(2)])).toEqual(['critical no_cluster_listener listener.vmq.clustering']);
  });

  test('auth plugins that are on by default are found although no line has them', () => {
    const text = `${sound(1).replace(/plugins\..*\n/g, '')}plugins.vmq_diversity = on\nvmq_diversity.auth_redis.enabled = on\n`;
    const [finding] = lintCluster([node(text)]).findings;
    expect(finding).toMatchObject({ code: 'acl_file_beside_redis', line: null, key: 'plugins.vmq_acl' });
    expect(finding?.message).toContain('on by default');
  });
});

describe('the version of the broker', () => {
  test('decides about keys', () => {
    const text = withSettings(1, 'vmq_swc.init_sync_procedure = on');
    expect(codes([text])).toEqual([]);
    expect(codes([text], { brokerVersion: '2.1.2' })).toEqual([
      'critical key_too_new vmq_swc.init_sync_procedure',
    ]);
  });

  test('decides about quotes over several lines', () => {
    const text = withSettings(1, "graphite_prefix = '''a\nb'''");
    expect(codes([text])).toEqual([]);
    expect(codes([text], { brokerVersion: '2.1.2' })).toContain('critical syntax_error graphite_prefix');
  });
});

test('an unknown key is answered with the likeliest one, its own words filled in', () => {
  const text = withSettings(1, 'listener.tcp.lan.max_conections = 5');
  expect(lintCluster([node(text)]).findings[0]?.message).toContain(
    'did you mean listener.tcp.lan.max_connections?',
  );
});

describe('included files', () => {
  const included = (text: string) =>
    new Map([['conf.d/*.conf', [{ path: 'conf.d/x.conf', text }]]]) as SourceFile['included'];

  test('count from where their line stands, and are named in findings', () => {
    const text = `${sound(1)}retry_interval = 1\ninclude conf.d/*.conf\nmax_inflight_messages = 1\n`;
    const configuration = node(text, {
      included: included('retry_interval = 2\n\nmax_inflight_messages = x\n'),
    });
    const { findings, unread } = lintCluster([configuration]);
    expect(unread).toEqual([]);
    expect(findings).toMatchObject([
      { code: 'bad_value', file: 'conf.d/x.conf', line: 3 },
      { code: 'duplicate_key', file: 'a.conf', line: 7, message: expect.stringContaining('conf.d/x.conf:1') },
      { code: 'duplicate_key', file: 'conf.d/x.conf', line: 3, message: expect.stringContaining('a.conf:9') },
    ]);
  });

  test('that were not read are told', () => {
    expect(lintCluster([node(`${sound(1)}include conf.d/*.conf\n`)]).unread).toEqual([
      { node: 'a.conf', include: 'conf.d/*.conf' },
    ]);
  });

  test('are not read by vmq-admin: a cookie there is not found', () => {
    const text = `${sound(1).replace(/distributed_cookie.*\n/, '')}include conf.d/*.conf\n`;
    const configuration = node(text, { included: included('distributed_cookie = 0dd-long-secret\n') });
    expect(lintCluster([configuration]).findings).toMatchObject([
      { code: 'vmq_admin_misreads', file: 'conf.d/x.conf' },
    ]);
  });
});

describe('a node that runs', () => {
  const vmArgs = (text: string, cookie: string) => ({ path: 'vm.args', text, cookie: new Secret(cookie) });

  test('under the name and cookie of the file is fine', () => {
    const args = vmArgs('-name VerneMQ@10.0.0.1\n-setcookie ***\n', "'0dd-long-secret'");
    expect(lintCluster([node(sound(1), { vmArgs: args })]).findings).toEqual([]);
  });

  test('under others is found', () => {
    const args = vmArgs('-name VerneMQ@10.0.0.9\n-setcookie ***\n', 'an-0ther');
    expect(lintCluster([node(sound(1), { vmArgs: args })]).findings).toMatchObject([
      { code: 'vm_args_name', severity: 'critical', file: 'vm.args' },
      { code: 'vm_args_cookie', severity: 'warn', file: 'vm.args' },
    ]);
  });
});

describe('secrets', () => {
  test('are never in a finding, whatever is wrong with them or around them', () => {
    const lines = [
      "distributed_cookie = 'S3CRET'",
      'distributed_cookie = S3CRET#S3CRET',
      'vmq_diversity.redis.pasword = S3CRET',
      'vmq_diversity.redis.password = "S3CRET"',
      "vmq_diversity.redis.password = 'S3CRET' S3CRET",
      'password S3CRET',
      'vmq_webhooks.w.endpoint = https://user:S3CRET@host/',
      'retry_interval = https://user:S3CRET@host/',
    ];
    for (const line of lines) {
      const { findings } = lintCluster([node(sound(1) + line), node(sound(2), { origin: 'b.conf' })]);
      expect(findings.length).toBeGreaterThan(0);
      expect(JSON.stringify(findings)).not.toContain('S3CRET');
    }
  });

  test('that were taken out of the text count as they were', () => {
    const hidden = (text: string, origin: string) => {
      const { text: shown, secrets } = redactVernemqConf(text);
      return node(shown, { origin, secrets });
    };
    const other = sound(2).replace('0dd-long-secret', "'0dd-long-secret'");
    const findings = (second: string) =>
      lintCluster([hidden(sound(1), 'a.conf'), hidden(second, 'b.conf')]).findings.map(({ code }) => code);
    expect(findings(sound(2))).toEqual([]);
    expect(findings(other)).toEqual(['vmq_admin_misreads']);
    expect(findings(sound(2).replace('0dd-long', 'another'))).toEqual(['cookies_differ']);
    expect(findings(sound(2).replace('0dd-long-secret', 'vmq'))).toEqual([
      'default_cookie',
      'cookies_differ',
    ]);
  });
});

test.each(BROKER_VERSIONS)('the defaults that rules go by are those of %s', (version) => {
  const { keys } = goldenFile(`conf-keys-${version}.json`) as {
    readonly keys: readonly { readonly key: string; readonly default: string | null }[];
  };
  const recorded = new Map(keys.map(({ key, default: value }) => [key, plain(value)]));
  for (const [key, value] of Object.entries(DEFAULTS))
    expect([key, recorded.get(key) ?? recorded.get(key.replace(/\.\w+$/, '.$name'))]).toEqual([key, value]);
});

/** `{"0.0.0.0",44053}` and `"vmq"` as they stand in a file. */
const plain = (term: string | null) =>
  term?.replace(/^\{"(.*)",(\d+)\}$/, '$1:$2').replace(/^"(.*)"$/s, '$1') ?? undefined;
