import { isObject, parseJson } from '../json.js';
import { toNodeView } from '../node-status.js';
import type { ViewsReply } from '../rpc.js';

/**
 * Reads `/status.json`: an array with one object, from node name to what that node says (vernemq.md §3.6). The node
 * that answered comes first in it.
 *
 * @returns undefined when the body is something else
 */
export function parseStatus(body: string): ViewsReply | undefined {
  const parsed = parseJson(body);
  const byNode = Array.isArray(parsed) && isObject(parsed[0]) ? parsed[0] : undefined;
  if (!byNode) return undefined;
  const views = Object.entries(byNode).map(([node, value]) => toNodeView(node, value));
  const self = views[0]?.node;
  return self !== undefined && views.every((view) => view !== undefined) ? { self, views } : undefined;
}
