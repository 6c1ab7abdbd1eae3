import type { ClusterSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { openLogHosts } from '../logs/hosts.js';
import type { SshOptions } from '../ssh/options.js';
import type { NodeConfiguration } from './configuration.js';
import { fetchedConfiguration } from './load.js';
import { readConfiguration } from './read.js';

export interface Fetched {
  readonly nodes: NodeConfiguration[];
  /** Why some are missing, one line each. */
  readonly problems: readonly string[];
}

/**
 * Fetches the configurations of all nodes whose hosts are known, at once.
 *
 * @throws Failure: usage when there is no host; interrupted; that of the first host when none could be read
 */
export async function fetchConfigurations(
  settings: ClusterSettings,
  {
    path,
    signal,
    ...ssh
  }: Pick<SshOptions, 'askPassphrase' | 'report'> & {
    readonly path: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Fetched> {
  const hosts = openLogHosts(settings, ssh, 'configurations');
  const { sudo, prefix } = settings.ssh?.vmqAdmin ?? {};
  const options = { path, sudo, prefix, deadline: settings.deadline, signal };
  try {
    const results = await Promise.allSettled(
      hosts.nodes.map(async ({ node, host }) =>
        fetchedConfiguration(node, await readConfiguration(host, options)),
      ),
    );
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    const unexpected = failures.find(
      (failure) => !(failure instanceof Failure) || failure.kind === 'interrupted',
    );
    const nodes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (unexpected !== undefined || nodes.length === 0) throw unexpected ?? failures[0];
    return { nodes, problems: [...failures.map(problem), ...hosts.others.map(withoutHost)] };
  } finally {
    hosts.close();
  }
}

const problem = (failure: unknown) => `${(failure as Failure).message}: its configuration is not checked`;
const withoutHost = (url: string) => `${url} does not tell of a host: its configuration is not checked`;
