import type { ClusterSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import type { SshOptions } from '../ssh/options.js';
import { SshHosts } from '../ssh/ssh-hosts.js';
import type { LogNode } from './operation.js';

export interface LogHosts {
  readonly nodes: readonly LogNode[];
  /** URLs that are no hosts, whose logs thus cannot be read. */
  readonly others: readonly string[];
  close(): void;
}

/**
 * The hosts among the nodes: those with an `ssh://` URL. Nothing is connected yet.
 *
 * @throws Failure: usage when there is none; configuration (the OpenSSH configuration is wrong)
 */
export function openLogHosts(
  settings: ClusterSettings,
  options: Pick<SshOptions, 'askPassphrase'>,
): LogHosts {
  const urls = settings.nodes.filter(isSsh);
  if (urls.length === 0)
    throw new Failure('usage', 'no_ssh_node', 'logs are read over SSH, and no node is an ssh:// URL', {
      hint: 'Name the hosts with --node ssh://USER@HOST, or save them in a context.',
    });
  const { configFile, password } = settings.ssh ?? {};
  const hosts = new SshHosts({ configFile, password, ...options });
  const names = shortNames(urls);
  return {
    nodes: urls.map((url, index) => ({ node: names[index] ?? url, host: hosts.host(url) })),
    others: settings.nodes.filter((url) => !isSsh(url)),
    close: () => hosts.close(),
  };
}

const isSsh = (url: string) => url.startsWith('ssh://');

/** The host alone, with its port, or the whole URL: the shortest that tells all of them apart. */
export function shortNames(urls: readonly string[]): string[] {
  const parsed = urls.map((url) => new URL(url));
  const candidates = [parsed.map(({ hostname }) => hostname), parsed.map(({ host }) => host)];
  return candidates.find((names) => new Set(names).size === urls.length) ?? [...urls];
}
