import { formatErlangUrl, parseErlangUrl } from '../admin/native/address.js';
import { splitVia, sshUrl, withVia } from '../admin/ssh/address.js';
import { Failure } from '../failure.js';
import { isLoopback } from '../loopback.js';
import { parseUrl } from './parse-url.js';

const NODE_HINT =
  'Give a URL such as http://172.16.16.13:8888, erl://VerneMQ@172.16.16.13 or ssh://root@172.16.16.13.';

/**
 * Checks a node's URL and gives each node one spelling: of http(s) the origin, without a path, a trailing slash or the
 * scheme's own port (80, 443); of erl the name of the node, and its port if it was given; of ssh user, host and port. Each
 * keeps its `?via=ssh://…`.
 *
 * @param flag what the operator called it, for messages
 * @throws Failure (usage): no URL of a node, has a path, or has a secret in it (which is then not repeated)
 */
export function nodeUrl(text: string, flag: string): string {
  const route = splitVia(text);
  const { protocol } = parseUrl(route.url, flag, 'bad_node_url', NODE_HINT);
  const read = READERS[protocol] ?? httpUrl;
  return withVia(read(route.url, flag), route.via === undefined ? undefined : viaUrl(route.via, flag));
}

const READERS: Readonly<Record<string, (text: string, flag: string) => string>> = {
  'erl:': erlangUrl,
  'ssh:': sshUrl,
};

/** In a query, `://` may have been encoded. */
function viaUrl(text: string, flag: string): string {
  return sshUrl(/^ssh%3a/i.test(text) ? decodeURIComponent(text) : text, `via in ${flag}`);
}

function httpUrl(text: string, flag: string): string {
  const url = new URL(text);
  refuseSecret(url, flag);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Failure(
      'usage',
      'bad_node_url',
      `${flag} is no http://, https://, erl:// or ssh:// URL: ${text}`,
      {
        hint: NODE_HINT,
      },
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Failure('usage', 'bad_node_url', `${flag} has something after host and port: ${text}`, {
      hint: `Give ${url.origin}`,
    });
  }
  return url.origin;
}

/** What stands in front of the @ is the first half of the node's name, and after a colon could only be a secret. */
function erlangUrl(text: string, flag: string): string {
  if (new URL(text).password !== '') {
    throw new Failure('usage', 'secret_in_argv', `${flag} has something like a cookie in front of the host`, {
      hint: 'Give the URL without it, and the cookie with --cookie-from or VMQCTL_COOKIE.',
    });
  }
  const address = parseErlangUrl(text.replace(/\/$/, ''));
  if (address) return formatErlangUrl(address);
  throw new Failure('usage', 'bad_node_url', `${flag} names no Erlang node: ${text}`, {
    hint: 'Give a URL such as erl://VerneMQ@172.16.16.13, with ?port=9100 where epmd is not to be asked.',
  });
}

/** Of a repeatable flag, the parser delivers a list when it is typed, but its twin in the environment as one text. */
export type TextList = readonly string[] | string;

export const splitList = (given: TextList): readonly string[] =>
  typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given;

/** Checks and normalises node URLs; one that is given twice counts once. See `nodeUrl` for the errors. */
export const nodeUrls = (given: TextList, flag: string): string[] => [
  ...new Set(splitList(given).map((text) => nodeUrl(text, flag))),
];

/** A key in front of the host is how VerneMQ's own examples pass it; on a command line, every user can read it. */
function refuseSecret(url: URL, flag: string): void {
  if (url.username === '' && url.password === '') return;
  throw new Failure('usage', 'secret_in_argv', `${flag} has an API key or a name in front of the host`, {
    hint: 'Give the URL without it, and the API key with --api-key-from or VMQCTL_API_KEY.',
  });
}

/**
 * Warns of API keys that travel in clear. Call it only where there is an API key.
 *
 * @returns one sentence, or nothing when every node is reached over https or on this machine
 */
export function plainHttpWarning(nodes: readonly string[]): string | undefined {
  const exposed = nodes.filter((node) => {
    const { protocol, hostname } = new URL(node);
    return protocol === 'http:' && !isLoopback(hostname);
  });
  if (exposed.length === 0) return undefined;
  return `The API key travels in clear to ${exposed.join(', ')}; use https:// where others share the network.`;
}

/**
 * Where epmd listens, if not on its usual port: Erlang's own tools take it from this variable.
 *
 * @throws Failure (configuration) when it is no port
 */
export function epmdPort({ ERL_EPMD_PORT }: NodeJS.ProcessEnv): { epmdPort?: number } {
  if (!ERL_EPMD_PORT) return {};
  const port = /^\d{1,5}$/.test(ERL_EPMD_PORT) ? Number(ERL_EPMD_PORT) : 0;
  if (port >= 1 && port <= 65_535) return { epmdPort: port };
  throw new Failure('configuration', 'bad_epmd_port', `ERL_EPMD_PORT is no port: ${ERL_EPMD_PORT}`);
}
