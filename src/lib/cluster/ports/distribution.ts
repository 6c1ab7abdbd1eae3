import { lookUpNode } from '../../admin/erlang/epmd.js';
import { ErlangError } from '../../admin/erlang/error.js';
import { Limit } from '../../admin/erlang/limit.js';
import { readConfiguration } from '../../conf/read.js';
import { Failure } from '../../failure.js';
import type { ShellOptions } from '../../shell-script.js';
import type { SshHost } from '../../ssh/host.js';
import { hostOf } from '../addresses.js';

/** More ports of a range are not tried one by one. */
const MOST_OF_RANGE = 8;

export interface Asked<T> {
  readonly value: T | undefined;
  /** Why there is none. */
  readonly why: string | undefined;
}

/** On which port a node takes distribution now: epmd is asked from here, and where that fails, on its own host. */
export async function distributionPort(
  node: string,
  epmdPort: number,
  ssh: SshHost | undefined,
  options: { readonly deadline: number; readonly signal?: AbortSignal | undefined },
): Promise<Asked<number>> {
  const name = node.slice(0, node.indexOf('@'));
  const direct = await told(() => lookUpNode(name, hostOf(node), epmdPort, new Limit(options)));
  if (direct.value || !ssh) return { ...direct, value: direct.value?.port };
  const through = (host: string, port: number) => ssh.openStream(host, port, options);
  const own = await told(() => lookUpNode(name, '127.0.0.1', epmdPort, new Limit(options), through));
  return { value: own.value?.port, why: own.why };
}

export interface PortRange {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Which ports its configuration lets distribution have; null where any.
 *
 * @throws Failure (interrupted)
 */
export async function distributionRange(
  ssh: SshHost,
  options: ShellOptions,
): Promise<Asked<PortRange | null>> {
  return told(async () => rangeOf((await readConfiguration(ssh, options)).vernemqConf.text));
}

function rangeOf(conf: string): PortRange | null {
  const setting = (name: string) => {
    const pattern = new RegExp(`^\\s*erlang\\.distribution\\.port_range\\.${name}\\s*=\\s*(\\d+)\\s*$`, 'gm');
    const last = [...conf.matchAll(pattern)].at(-1);
    return last === undefined ? undefined : Number(last[1]);
  };
  const minimum = setting('minimum');
  // The minimum alone is a single port (vernemq.md §5).
  return minimum === undefined
    ? null
    : { minimum, maximum: Math.max(minimum, setting('maximum') ?? minimum) };
}

/** All ports of a small range, and of a large one some that lie over it evenly, with both of its ends. */
export function sampleOf({ minimum, maximum }: PortRange): number[] {
  const count = Math.min(MOST_OF_RANGE, maximum - minimum + 1);
  if (count === 1) return [minimum];
  const step = (maximum - minimum) / (count - 1);
  return Array.from({ length: count }, (_, index) => Math.round(minimum + index * step));
}

async function told<T>(ask: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { value: await ask(), why: undefined };
  } catch (thrown) {
    const isExpected = thrown instanceof Failure || thrown instanceof ErlangError;
    if (!isExpected || isInterruption(thrown)) throw thrown;
    return { value: undefined, why: thrown.message };
  }
}

const isInterruption = (thrown: Failure | ErlangError) =>
  thrown instanceof Failure ? thrown.kind === 'interrupted' : thrown.code === 'aborted';
