import type { IncomingMessage } from 'node:http';
import { locate } from '../commands/session.js';
import type { SimulatedNode } from '../node/node.js';
import { type Answer, empty, json, unauthorized } from './answer.js';
import { authorize } from './authorization.js';

/** `/api/v2`: about one client. @param path what follows `/api/v2/` */
export async function apiV2(
  node: SimulatedNode,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Promise<Answer> {
  const verdict = authorize(node, request.headers, 'api2');
  if (verdict === 'malformed') return empty(400);
  if (verdict === 'refused') return unauthorized();
  const clientId = query.get('client_id') ?? '';
  switch (path) {
    case 'client':
      return client(node, clientId, query.has('topics'));
    case 'disconnect':
      return await disconnect(node, clientId, query.has('cleanup'));
    default:
      return json('invalid_command', 400);
  }
}

function client(node: SimulatedNode, clientId: string, withTopics: boolean): Answer {
  const found = locate(node, clientId);
  const status = !found ? 'unknown' : found.session.peer ? 'online' : 'offline';
  const topics = found ? Object.fromEntries(found.member.sessions.subscriptions(clientId)) : [];
  return json(withTopics ? { status, topics } : { status });
}

/** Any value of `cleanup` means yes. */
async function disconnect(node: SimulatedNode, clientId: string, cleanup: boolean): Promise<Answer> {
  const found = locate(node, clientId);
  if (!found) return json('unknown');
  await found.session.peer?.close();
  if (cleanup) found.member.sessions.discard(clientId);
  return json('ok');
}
