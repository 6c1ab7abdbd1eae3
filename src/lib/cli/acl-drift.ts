import type { Decision } from '../acl/authorize/decision.js';
import { type Drift, driftOf } from '../acl/authorize/drift.js';
import { openConnector } from '../admin/connect.js';
import type { AdminRpc, CachedLists } from '../admin/rpc.js';
import { type ClusterFlags, clusterSettings } from '../context/settings.js';
import { Failure } from '../failure.js';

/**
 * Asks the nodes that are named what they have cached for the client of a decision. One that does not answer is told as
 * such, as long as another one does.
 *
 * @param flags with at least one node
 * @throws Failure: usage for a node that is not reached over Erlang distribution, and of the first node where none answers
 */
export async function askForDrift(
  flags: Pick<ClusterFlags, 'context' | 'node' | 'cookie-from' | 'deadline'>,
  decision: Decision,
  environment: NodeJS.ProcessEnv,
): Promise<readonly Drift[]> {
  const settings = await clusterSettings(flags, environment);
  const connector = await openConnector(settings);
  try {
    const asking = settings.nodes.map((address) => openCache(connector.rpc(address)));
    const asked = await Promise.all(asking.map((ask) => ask(decision, settings.deadline)));
    const [first] = asked;
    if (first instanceof Failure && asked.every((one) => one instanceof Failure)) throw first;
    return settings.nodes.map((node, at) => driftFrom(node, asked[at], decision));
  } finally {
    connector.close();
  }
}

type Asked = CachedLists | null | undefined | Failure;

/** How a node is asked. @throws Failure (usage) where it cannot be */
function openCache(rpc: AdminRpc): (decision: Decision, deadline: number) => Promise<Asked> {
  const { aclCache } = rpc;
  if (!aclCache) throw cannotTell(rpc.address);
  return async ({ client: { mountpoint, clientId } }, deadline) => {
    try {
      return await aclCache.call(rpc, mountpoint, clientId, { deadline });
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind === 'bug') throw thrown;
      return thrown;
    }
  };
}

const driftFrom = (node: string, asked: Asked, decision: Decision): Drift =>
  asked instanceof Failure
    ? { node, state: 'unreachable', lists: [], why: asked.message }
    : driftOf(node, asked, decision);

const cannotTell = (address: string) =>
  new Failure(
    'usage',
    'no_acl_cache',
    `${address}: what a node has cached can only be asked over Erlang distribution`,
    {
      hint: 'Name it as --node erl://NAME@HOST, or leave --node out.',
    },
  );
