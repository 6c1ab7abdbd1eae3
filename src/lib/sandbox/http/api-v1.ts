import type { IncomingMessage } from 'node:http';
import { findCommand } from '../commands/catalogue.js';
import { acceptsArguments, failed, type Reply, text } from '../commands/command.js';
import type { SimulatedNode } from '../node/node.js';
import { type Answer, accepts, empty, json, unauthorized } from './answer.js';
import { authorize } from './authorization.js';
import { commandLine, parseArguments } from './command-line.js';

const METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * `/api/v1`: the broker parses the whole command before it asks for a key, and runs it for GET and HEAD alike.
 *
 * @param path what follows `/api/v1`
 */
export async function apiV1(
  node: SimulatedNode,
  request: IncomingMessage,
  path: string,
  query: string,
): Promise<Answer> {
  if (!METHODS.includes(request.method ?? '')) return empty(405);
  const { words, tokens } = commandLine(path, query);
  const command = findCommand(words);
  const given = parseArguments(tokens);
  if (!command || !given || !acceptsArguments(command, given)) return empty(400);
  const verdict = authorize(node, request.headers, 'mgmt');
  if (verdict === 'malformed') return empty(400);
  if (verdict === 'refused') return unauthorized();
  if (request.method === 'OPTIONS') return empty(200);
  if (!accepts('application/json', request.headers.accept)) return empty(406);
  if (given.flags.has('help')) return empty(500);
  const refusal = node.faults.commands.refusalOf(words.join(' '));
  if (refusal === 'unauthorized') return unauthorized();
  if (refusal !== null) return toAnswer(refusal === 'crash' ? failed : text(refusal.text));
  const reply = await command.run({
    node,
    keys: given.keys,
    flags: given.flags,
    rest: words.slice(command.words.length),
  });
  return toAnswer(reply);
}

function toAnswer(reply: Reply): Answer {
  switch (reply.type) {
    case 'failed':
      return empty(500);
    case 'text':
      return json({ text: reply.text, type: 'text' });
    case 'alert':
      return json({ alert: [{ text: reply.text, type: 'text' }], type: 'alert' });
    case 'table':
      return json({ table: reply.rows, type: 'table' });
  }
}
