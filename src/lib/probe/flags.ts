import { readSecret } from '../context/secret-source.js';
import { parseDuration, parsePause } from '../duration.js';
import { Failure } from '../failure.js';
import type { Credentials, Protocol } from './client.js';
import { checkPrefix, type QoS } from './names.js';
import { EXTRAS, type Extra, type ProbeOptions } from './options.js';

/** The flags of `cluster probe`, apart from those that say how the cluster is reached. */
export interface ProbeFlags {
  readonly protocol: Protocol;
  readonly 'topic-prefix': string;
  readonly qos: readonly string[];
  readonly count: number;
  readonly interval: string;
  readonly wait: string;
  readonly 'max-latency'?: string | undefined;
  readonly skip?: readonly Extra[] | undefined;
  readonly continuous: boolean;
}

/** @throws Failure (usage) */
export function readProbeOptions(
  flags: ProbeFlags,
  { caFile, provision }: Pick<ProbeOptions, 'caFile' | 'provision'>,
): ProbeOptions {
  const limit = flags['max-latency'];
  return {
    protocol: flags.protocol,
    prefix: checkPrefix(flags['topic-prefix']),
    qos: [...new Set(flags.qos.map((text) => Number(text) as QoS))].sort(),
    count: flags.count,
    interval: parsePause(flags.interval, '--interval'),
    wait: parseDuration(flags.wait, '--wait'),
    maxLatency: limit === undefined ? undefined : parseDuration(limit, '--max-latency'),
    extras: EXTRAS.filter((extra) => !flags.skip?.includes(extra)),
    continuous: flags.continuous,
    caFile,
    provision,
  };
}

export interface LoginFlags {
  readonly username?: string | undefined;
  readonly 'password-from'?: string | undefined;
  readonly provision: boolean;
}

/** @throws Failure: usage (flags that contradict each other), configuration (a secret that cannot be had) */
export async function readCredentials(
  { username, 'password-from': source, provision }: LoginFlags,
  environment: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  if (provision && (username !== undefined || source !== undefined))
    throw new Failure('usage', 'contradicting_flags', '--provision and --username contradict each other', {
      hint: 'With --provision it has a user and a password of its own.',
    });
  if (username === undefined && source !== undefined)
    throw new Failure('usage', 'no_username', '--password-from needs --username');
  if (username === undefined) return undefined;
  const password =
    source === undefined ? undefined : await readSecret(source, '--password-from', environment);
  return { username, password };
}
