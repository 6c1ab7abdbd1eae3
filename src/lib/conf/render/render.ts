import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';
import { grammarOf } from '../lint/node.js';
import { parseConf } from '../parse.js';
import { isSecretName } from '../redact.js';
import type { BrokerVersion } from '../versions.js';
import {
  addressOf,
  type DescribedNode,
  type Description,
  LISTENER_KINDS,
  settingText,
} from './description.js';

/** The secrets of a description, by where they come from. */
export type Secrets = ReadonlyMap<string, Secret>;

export interface RenderedNode {
  readonly name: string;
  /** vernemq.conf, with its secrets. */
  readonly text: string;
}

/** Where all secrets come from that a description speaks of, with the key that each is for. */
export function secretSources({ cookie, redis, settings, nodes }: Description): ReadonlyMap<string, string> {
  const sources = new Map([[cookie, 'cookie']]);
  if (redis?.password !== undefined) sources.set(redis.password, 'redis.password');
  for (const entries of [settings, ...nodes.map((node) => node.settings)])
    for (const [key, value] of Object.entries(entries))
      if (isSecretName(key)) sources.set(String(value), key);
  return sources;
}

/**
 * Writes vernemq.conf of each node.
 *
 * @throws Failure (data): a value that no line of vernemq.conf can hold. It does not say the value.
 */
export function renderCluster(
  description: Description,
  secrets: Secrets,
  version: BrokerVersion,
): RenderedNode[] {
  return description.nodes.map((node) => {
    const groups = sections(description, node, secrets);
    // What is said twice is written once: for this node, for all, and what follows from the rest, in this order.
    const values = new Map(groups.flatMap(({ settings }) => settings));
    const text = groups.map(({ title, settings }) => {
      const lines = settings.flatMap(([key]) => {
        const value = values.get(key);
        values.delete(key);
        return value === undefined ? [] : [settingLine(key, value, version)];
      });
      return lines.length === 0 ? '' : `## ${title}\n${lines.join('')}\n`;
    });
    return { name: node.name, text: text.join('').replace(/\n$/, '') };
  });
}

type Settings = readonly (readonly [key: string, value: string])[];
interface Section {
  readonly title: string;
  readonly settings: Settings;
}

function sections(description: Description, node: DescribedNode, secrets: Secrets): Section[] {
  const written = (entries: Description['settings']): Settings =>
    Object.entries(entries).map(([key, given]) => [
      key,
      isSecretName(key) ? revealed(secrets, String(given)) : settingText(key, given),
    ]);
  return [
    {
      title: 'The node',
      settings: [
        ['nodename', node.name],
        ['distributed_cookie', revealed(secrets, description.cookie)],
        ...distribution(description),
      ],
    },
    { title: 'Where it listens', settings: listeners(description, node) },
    { title: 'Who gets in', settings: access(description, secrets) },
    { title: 'What else is set for all nodes', settings: written(description.settings) },
    { title: 'What is set for this node', settings: written(node.settings) },
  ];
}

function distribution({ distributionPorts }: Description): Settings {
  const [from, to] = distributionPorts?.split('-') ?? [];
  if (from === undefined || to === undefined) return [];
  return [
    ['erlang.distribution.port_range.minimum', from],
    ['erlang.distribution.port_range.maximum', to],
  ];
}

/** Where nothing is said: other nodes are listened to on the usual port, and management on this machine alone. */
function listeners({ listeners: given }: Description, node: DescribedNode): Settings {
  const all = { ...(given.vmqs === undefined ? { vmq: 44053 } : {}), http: '127.0.0.1:8888', ...given };
  return LISTENER_KINDS.flatMap((kind) => {
    const endpoint = all[kind];
    if (endpoint === undefined) return [];
    const address = typeof endpoint === 'number' ? `${addressOf(node)}:${endpoint}` : endpoint;
    return [[`listener.${kind}.${kind.startsWith('vmq') ? 'clustering' : 'default'}`, address] as const];
  });
}

function access({ redis }: Description, secrets: Secrets): Settings {
  if (!redis) return [['allow_anonymous', 'off']];
  return [
    ['allow_anonymous', 'off'],
    ['plugins.vmq_passwd', 'off'],
    ['plugins.vmq_acl', 'off'],
    ['plugins.vmq_diversity', 'on'],
    ['vmq_diversity.auth_redis.enabled', 'on'],
    ['vmq_diversity.redis.host', redis.host],
    ['vmq_diversity.redis.port', String(redis.port)],
    ['vmq_diversity.redis.database', String(redis.database)],
    ...(redis.user === undefined ? [] : [['vmq_diversity.redis.user', redis.user] as const]),
    ...(redis.password === undefined
      ? []
      : [['vmq_diversity.redis.password', revealed(secrets, redis.password)] as const]),
  ];
}

function revealed(secrets: Secrets, source: string): string {
  const secret = secrets.get(source);
  if (!secret) throw new TypeError('a secret was not fetched');
  return secret.reveal();
}

/** The plainest way to write a value that the broker reads as just that. */
function settingLine(key: string, value: string, version: BrokerVersion): string {
  // A quote in front would look for its other half in the lines after it.
  const plain = value.startsWith("'") ? [] : [value];
  const line = [...plain, `'${value}'`]
    .map((written) => `${key} = ${written}\n`)
    .find((each) => {
      const [setting, ...others] = parseConf(each, grammarOf(version));
      return setting?.kind === 'setting' && setting.value === value && others.length === 0;
    });
  // In a secret, $(...) would be taken for a reference: it is none.
  if (line !== undefined && !(isSecretName(key) && value.includes('$('))) return line;
  throw new Failure('data', 'unwritable_value', `the value of ${key} cannot be written into vernemq.conf`, {
    hint: 'It must not begin with a quote, have a quote beside a #, or, if it is a secret, have $( in it.',
  });
}
