import type { Decision } from '../acl/authorize/decision.js';
import { type Drift, driftOf } from '../acl/authorize/drift.js';
import { openConnector } from '../admin/connect.js';
import { type ClusterFlags, clusterSettings } from '../context/settings.js';
import { Failure } from '../failure.js';

/**
 * Asks the nodes that are named what they have cached for the client of a decision.
 *
 * @param flags with at least one node
 * @throws Failure: usage for a node that is not reached over Erlang distribution, and those of reaching it
 */
export async function askForDrift(
  flags: Pick<ClusterFlags, 'context' | 'node' | 'cookie-from' | 'deadline'>,
  decision: Decision,
  environment: NodeJS.ProcessEnv,
): Promise<readonly Drift[]> {
  const settings = await clusterSettings(flags, environment);
  const connector = await openConnector(settings);
  const { mountpoint, clientId } = decision.client;
  try {
    return await Promise.all(
      settings.nodes.map(async (address) => {
        const rpc = connector.rpc(address);
        if (!rpc.aclCache) throw cannotTell(address);
        const cached = await rpc.aclCache(mountpoint, clientId, { deadline: settings.deadline });
        return driftOf(address, cached, decision);
      }),
    );
  } finally {
    connector.close();
  }
}

const cannotTell = (address: string) =>
  new Failure(
    'usage',
    'no_acl_cache',
    `${address}: what a node has cached can only be asked over Erlang distribution`,
    {
      hint: 'Name it as --node erl://NAME@HOST, or leave --node out.',
    },
  );
