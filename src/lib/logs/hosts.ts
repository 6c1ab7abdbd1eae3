import { isSshUrl, splitVia } from '../admin/ssh/address.js';
import { openSsh } from '../admin/ssh/open.js';
import type { ClusterSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { isLoopback } from '../loopback.js';
import type { SshOptions } from '../ssh/options.js';
import type { LogNode } from './operation.js';

export interface LogHosts {
  readonly nodes: readonly LogNode[];
  /** URLs that tell of no host, whose logs thus cannot be read. */
  readonly others: readonly string[];
  close(): void;
}

/**
 * The hosts of the nodes, as far as their URLs tell. Nothing is connected yet.
 *
 * @param what what is read there, for messages
 * @throws Failure: usage when there is none; configuration (the OpenSSH configuration is wrong)
 */
export function openLogHosts(
  settings: ClusterSettings,
  options: Pick<SshOptions, 'askPassphrase' | 'report'>,
  what = 'logs',
): LogHosts {
  const urls = [...new Set(settings.nodes.flatMap((url) => hostUrlOf(url) ?? []))];
  if (urls.length === 0)
    throw new Failure('usage', 'no_ssh_node', `${what} are read over SSH, and no node is an ssh:// URL`, {
      hint: 'Name the hosts with --node ssh://USER@HOST, or save them in a context.',
    });
  const { configFile, password } = settings.ssh ?? {};
  const ssh = openSsh({ configFile, password, ...options });
  const names = shortNames(urls);
  return {
    nodes: urls.map((url, index) => ({ node: names[index] ?? url, host: ssh.host(url) })),
    others: settings.nodes.filter((url) => hostUrlOf(url) === undefined),
    close: () => ssh.close(),
  };
}

/** The SSH URL of the machine that a node runs on: its own, or that of the tunnel to a loopback address over there. */
export function hostUrlOf(node: string): string | undefined {
  if (isSshUrl(node)) return node;
  const { url, via } = splitVia(node);
  return via !== undefined && isLoopback(new URL(url).hostname) ? via : undefined;
}

/** The host alone, with its port, or the whole URL: the shortest that tells all of them apart. */
export function shortNames(urls: readonly string[]): string[] {
  const parsed = urls.map((url) => new URL(url));
  const candidates = [parsed.map(({ hostname }) => hostname), parsed.map(({ host }) => host)];
  return candidates.find((names) => new Set(names).size === urls.length) ?? [...urls];
}
