import type { IncomingMessage } from 'node:http';
import type { SimulatedNode } from '../node/node.js';
import { type Answer, accepts, empty } from './answer.js';
import { apiV1 } from './api-v1.js';
import { apiV2 } from './api-v2.js';
import { commandLine } from './command-line.js';
import { health } from './health.js';
import { metrics } from './metrics.js';
import { statusJson, statusPage } from './status.js';

/** As `max_request_line_length` of the broker. */
const LONGEST_REQUEST_LINE = 8000;

/** An answer that is to come late comes late; the command itself is run at once. */
export async function route(node: SimulatedNode, request: IncomingMessage): Promise<Answer> {
  const answer = await answerTo(node, request);
  const [path = ''] = split(request.url ?? '');
  const late = node.faults.commands.delayOf(commandOf(path));
  if (late > 0) await node.world.sleep(late);
  return answer;
}

/** The words of a command, or any other path as it is. */
const commandOf = (path: string) =>
  path.startsWith('/api/v1/') ? commandLine(path.slice('/api/v1'.length), '').words.join(' ') : path;

async function answerTo(node: SimulatedNode, request: IncomingMessage): Promise<Answer> {
  const { method = 'GET', url = '/', httpVersion } = request;
  if (`${method} ${url} HTTP/${httpVersion}`.length > LONGEST_REQUEST_LINE) return empty(414);
  const [path = '', query = ''] = split(url);
  if (node.faults.hangingPaths.has(path)) await new Promise(() => {});
  if (path === '/api/v1' || path.startsWith('/api/v1/'))
    return await apiV1(node, request, path.slice('/api/v1'.length), query);
  if (path.startsWith('/api/v2/'))
    return await apiV2(node, request, path.slice('/api/v2/'.length), new URLSearchParams(query));
  switch (path.replace(/\/$/, '')) {
    case '/status.json':
      return await statusJson(node);
    case '/status':
      return statusPage(node);
    case '/metrics':
      return accepts('text/plain', request.headers.accept) ? metrics(node) : empty(406);
    case '/health':
    case '/health/ping':
    case '/health/listeners':
    case '/health/listeners_full_cluster':
      return health(node, path.replace(/\/$/, '').slice('/health'.length));
    default:
      return empty(404);
  }
}

function split(url: string): [path: string, query: string] {
  const at = url.indexOf('?');
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}
