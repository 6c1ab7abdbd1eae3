import { readSecret } from '../../context/secret-source.js';
import { Failure } from '../../failure.js';
import type { ProtocolVersion, QoS } from './action.js';
import { type Broker, type BrokerVersion, DEFAULT_BROKER } from './broker.js';
import type { Client, Password } from './connect.js';
import type { Action } from './decision.js';

/** What the command line says about a client and what it does. */
export interface DecideFlags {
  readonly mountpoint?: string | undefined;
  readonly 'client-id'?: string | undefined;
  readonly username?: string | undefined;
  readonly 'password-from'?: string | undefined;
  readonly topic?: readonly string[] | undefined;
  readonly qos?: number | undefined;
  readonly retain?: boolean | undefined;
  readonly 'payload-bytes'?: number | undefined;
  readonly protocol: string;
}

export interface BrokerFlags {
  readonly 'broker-version': string;
  readonly 'topic-max-depth'?: number | undefined;
  readonly 'max-client-id-size'?: number | undefined;
}

export const readBroker = (flags: BrokerFlags): Broker => ({
  version: flags['broker-version'] as BrokerVersion,
  topicMaxDepth: flags['topic-max-depth'] ?? DEFAULT_BROKER.topicMaxDepth,
  maxClientIdSize: flags['max-client-id-size'] ?? DEFAULT_BROKER.maxClientIdSize,
});

/** @throws Failure (usage) when something is missing, or is of no use for this action */
export function readAction(type: Action['type'], flags: DecideFlags): Action {
  assertOfUse(type, flags);
  if (type === 'connect') return { type };
  const topics = flags.topic ?? [];
  const [topic] = topics;
  if (topic === undefined) throw missing(`--topic`, `what the client wants to ${type} to`);
  const qos = (flags.qos ?? 0) as QoS;
  if (type === 'subscribe') return { type, filters: topics.map((filter) => ({ filter, qos })) };
  if (topics.length > 1) {
    throw new Failure(
      'usage',
      'several_topics',
      'a message is published to one topic: --topic is given twice',
    );
  }
  return { type, topic, qos, retain: flags.retain ?? false, payloadBytes: flags['payload-bytes'] ?? 0 };
}

const OF_USE: Readonly<Record<Action['type'], readonly (keyof DecideFlags)[]>> = {
  connect: [],
  subscribe: ['topic', 'qos'],
  publish: ['topic', 'qos', 'retain', 'payload-bytes'],
};

function assertOfUse(type: Action['type'], flags: DecideFlags): void {
  const useless = OF_USE.publish.filter((name) => flags[name] !== undefined && !OF_USE[type].includes(name));
  if (useless.length === 0) return;
  const names = useless.map((name) => `--${name}`).join(', ');
  throw new Failure('usage', 'useless_flag', `${names}: of no use for can-i ${type}`);
}

/**
 * @throws Failure: usage when the client is not named, configuration when the password cannot be had
 */
export async function readClient(flags: DecideFlags, environment: NodeJS.ProcessEnv): Promise<Client> {
  const { mountpoint = '', 'client-id': clientId, username, 'password-from': from } = flags;
  if (clientId === undefined) throw missing('--client-id', 'the client that connects');
  if (username === undefined) throw missing('--username', 'the name that it connects with');
  const password: Password =
    from === undefined
      ? { kind: 'assumed-right' }
      : {
          kind: 'given',
          bytes: Buffer.from((await readSecret(from, '--password-from', environment)).reveal()),
        };
  const protocol = Number(flags.protocol) as ProtocolVersion;
  return { mountpoint, clientId, username, password, protocol, cleanSession: true };
}

const missing = (flag: string, what: string) =>
  new Failure('usage', 'missing_flag', `${flag} is missing: ${what}`, {
    hint: 'For example: vmqctl acl can-i publish --client-id 1528361231 --username 101 --topic hello',
  });
