import type { SimulatedNode } from '../node/node.js';
import type { Peer, Session } from '../node/session.js';

/**
 * A client connects to this node. If its session lives on another member, its connection there is ended, and the
 * session moves here with its queue and its subscriptions, or is forgotten when the client wants a clean one.
 */
export async function takeOver(node: SimulatedNode, clientId: string, clean: boolean): Promise<void> {
  const here = node.sessions.get(clientId)?.peer;
  if (here?.protocol === 5) node.counters.takeovers++;
  // Those with a socket aedes ends itself.
  if (here?.isSimulated) await here.close();
  // While we wait, a leave may move the session on to yet another member, so we look again each time.
  for (let found = elsewhere(node, clientId); found; found = elsewhere(node, clientId)) {
    const { member, session } = found;
    if (member.gate.isShut) await member.gate.passed();
    else if (session.peer) await throwOut(member, session.peer);
    else if (clean) member.sessions.discard(clientId);
    else moveHere(node, member, session);
  }
}

async function throwOut(member: SimulatedNode, peer: Peer): Promise<void> {
  if (peer.protocol === 5) member.counters.takeovers++;
  await peer.close();
}

function elsewhere(
  node: SimulatedNode,
  clientId: string,
): { readonly member: SimulatedNode; readonly session: Session } | undefined {
  for (const member of node.world.visibleMembers(node)) {
    const session = member === node ? undefined : member.sessions.get(clientId);
    if (session && !session.migrated) return { member, session };
  }
  return undefined;
}

function moveHere(node: SimulatedNode, from: SimulatedNode, session: Session): void {
  from.sessions.handOver(session, node.sessions);
  from.sessions.remove(session.clientId);
}
