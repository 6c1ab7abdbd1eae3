import type { IncomingHttpHeaders } from 'node:http';
import type { ApiScope } from '../node/metadata.js';
import type { SimulatedNode } from '../node/node.js';

export type Verdict = 'granted' | 'refused' | 'malformed';

/** The key travels as the user name of Basic, or as `x-api-key`, which nobody looks at beside an Authorization header. */
export function authorize(node: SimulatedNode, headers: IncomingHttpHeaders, scope: ApiScope): Verdict {
  if (node.world.apiMode === 'noauth') return 'granted';
  const key = readKey(headers);
  if (key === 'malformed') return 'malformed';
  return key !== null && node.apiKeys.accepts(key.value, scope) ? 'granted' : 'refused';
}

function readKey({
  authorization,
  'x-api-key': header,
}: IncomingHttpHeaders): { readonly value: string } | 'malformed' | null {
  if (authorization === undefined) return typeof header === 'string' ? { value: header } : null;
  const [scheme = '', encoded = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'basic') return null;
  const decoded = Buffer.from(encoded, 'base64').toString();
  const colon = decoded.indexOf(':');
  return colon === -1 ? 'malformed' : { value: decoded.slice(0, colon) };
}
