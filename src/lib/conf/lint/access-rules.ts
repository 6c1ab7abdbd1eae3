import { critical, type Finding, warn } from './finding.js';
import { isLoopbackHost } from './network-rules.js';
import type { Listener, Node } from './node.js';

/** Who gets in: clients without an account, plugins that stand in each other's way, open management. */
export function lintAccess(node: Node): Finding[] {
  return [
    ...lintAnonymous(node),
    ...lintRedis(node),
    ...lintChains(node),
    ...lintWebhooks(node),
    ...lintHttp(node),
  ];
}

function lintAnonymous(node: Node): Finding[] {
  const everywhere = node.isOn('allow_anonymous')
    ? [
        warn(
          'anonymous_access',
          node.place('allow_anonymous'),
          'everyone is let in: no plugin is asked for user name and password',
          'Set allow_anonymous = off.',
        ),
      ]
    : [];
  const here = node.settings
    .filter(({ key }) => /^listener\.\w+\.[^.]+\.allow_anonymous_override$/.test(key) && node.isOn(key))
    .map(({ place }) =>
      warn(
        'anonymous_listener',
        place,
        'everyone is let in who connects to this listener',
        'Nothing, where it wants client certificates; else set it to off.',
      ),
    );
  return [...everywhere, ...here];
}

function lintRedis(node: Node): Finding[] {
  if (!node.isOn('vmq_diversity.auth_redis.enabled')) return [];
  const place = node.place('vmq_diversity.auth_redis.enabled');
  if (!node.isOn('plugins.vmq_diversity'))
    return [
      critical(
        'redis_auth_not_loaded',
        place,
        'Redis is never asked: plugins.vmq_diversity is not on',
        'Set plugins.vmq_diversity = on.',
      ),
    ];
  const beside: Finding[] = [];
  if (node.isOn('plugins.vmq_acl'))
    beside.push(
      critical(
        'acl_file_beside_redis',
        node.place('plugins.vmq_acl'),
        `${orDefault(node, 'plugins.vmq_acl')}what vmq.acl allows is allowed whatever Redis says, and the file that comes with the broker allows everything`,
        'Set plugins.vmq_acl = off.',
      ),
    );
  if (node.isOn('plugins.vmq_passwd'))
    beside.push(
      warn(
        'password_file_beside_redis',
        node.place('plugins.vmq_passwd'),
        `${orDefault(node, 'plugins.vmq_passwd')}users of vmq.passwd get in without a record in Redis, and are refused although they have one if the passwords differ`,
        'Set plugins.vmq_passwd = off.',
      ),
    );
  return beside;
}

const orDefault = (node: Node, key: string) => (node.setting(key) ? '' : 'it is on by default: ');

/** Since 2.2 a listener may name the plugins that decide. */
function lintChains(node: Node): Finding[] {
  return node.settings.flatMap(({ key, place, value }) => {
    if (!/^listener\.\w+\.[^.]+\.authz?_plugins$/.test(key)) return [];
    const names = [...value.matchAll(/[\w@]+/g)].map(([name]) => name);
    const wrong = names.find((name, index) => !node.isOn(`plugins.${name}`) || names.indexOf(name) !== index);
    if (wrong === undefined) return [];
    return [
      critical(
        'bad_plugin_chain',
        place,
        `${wrong} is not on, or stands there twice: the broker does not start`,
        `Set plugins.${wrong} = on, and name each plugin once.`,
      ),
    ];
  });
}

function lintWebhooks(node: Node): Finding[] {
  const used = new Set(
    node.settings.flatMap(
      ({ key }) =>
        /^(vmq_webhooks\.[^.]+)\.(?:hook|endpoint|base64encode|no_payload|response_timeout)$/.exec(
          key,
        )?.[1] ?? [],
    ),
  );
  return [...used].flatMap((hook) =>
    ['hook', 'endpoint']
      .map((word) => `${hook}.${word}`)
      .filter((key) => node.setting(key) === undefined)
      .map((key) =>
        critical(
          'incomplete_webhook',
          node.place(key),
          `${key} is missing: the broker does not start`,
          'Set it, or take the others of this webhook out.',
        ),
      ),
  );
}

function lintHttp(node: Node): Finding[] {
  return ['http', 'https'].flatMap((kind) =>
    node
      .listeners(kind)
      .flatMap((listener) => [
        ...lintManagement(node, kind, listener),
        ...(kind === 'http' ? lintPlain(listener) : []),
      ]),
  );
}

const MANAGEMENT = ['vmq_http_mgmt_api', 'vmq_http_v2_api'];

function lintManagement(node: Node, kind: string, { name, host }: Listener): Finding[] {
  return MANAGEMENT.flatMap((module) => {
    const own = `listener.${kind}.${name}.http_module.${module}.auth.mode`;
    const key = node.setting(own) ? own : `http_module.${module}.auth.mode`;
    if (node.value(key) !== 'noauth' || !serves(node, kind, name, module)) return [];
    const local = isLoopbackHost(host);
    return [
      (local ? warn : critical)(
        'management_without_key',
        node.place(key),
        `${local ? 'every program on this machine' : `everyone who reaches ${host}`} can manage the broker by listener.${kind}.${name}`,
        `Set ${key} = apikey, once the node has joined.`,
      ),
    ];
  });
}

/** A listener may have modules of its own; `[]` means those of all. */
function serves(node: Node, kind: string, name: string, module: string): boolean {
  const own = node.value(`listener.${kind}.${name}.http_modules`);
  const modules = own === undefined || own === '[]' ? node.value('http_modules') : own;
  return modules === undefined || modules.includes(module);
}

function lintPlain({ host, place }: Listener): Finding[] {
  if (isLoopbackHost(host)) return [];
  return [
    warn(
      'plain_http',
      place,
      `API keys and answers travel in clear text to and from ${host}`,
      'Listen on 127.0.0.1, or use listener.https.',
    ),
  ];
}
