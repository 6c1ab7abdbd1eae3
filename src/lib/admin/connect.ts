import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import { HttpAdminRpc } from './http/client.js';
import { type ApiKeyHeader, assertUsableKey } from './http/key-header.js';
import { isErlangUrl } from './native/address.js';
import type { AdminRpc } from './rpc.js';

export interface ConnectOptions {
  readonly apiKey?: Secret | undefined;
  readonly apiKeyHeader: ApiKeyHeader;
  /** Without it, no `erl://` node can be reached. */
  readonly cookie?: Secret | undefined;
  /** Where epmd listens, if not on its usual port. */
  readonly epmdPort?: number | undefined;
  /** PEM file of the authorities that https nodes are checked against. */
  readonly caFile?: string | undefined;
  /** Called once, before the key travels in clear to another machine for the first time. */
  readonly onPlainKey?: ((address: string) => void) | undefined;
}

export interface Connector {
  /** @throws Failure (configuration) for an `erl://` node without a cookie */
  rpc(address: string): AdminRpc;
  /** Ends the kept-alive connections, so that the process can end. */
  close(): void;
}

async function readCaFile(path: string) {
  const { readAuthorities } = await import('../ca-file.js');
  return readAuthorities(path, Date.now());
}

/**
 * One connection per node, whatever its URL's scheme says it goes over.
 *
 * @throws Failure (configuration) when the authorities cannot be read, or the API key cannot be one
 */
export async function openConnector(options: ConnectOptions): Promise<Connector> {
  assertUsableKey(options.apiKey);
  const authorities = options.caFile === undefined ? undefined : (await readCaFile(options.caFile)).pem;
  const openErlang = options.cookie ? await erlangOpener(options.cookie, options.epmdPort) : refuseErlang;
  const open = new Map<string, AdminRpc>();
  let told = false;
  const tellOnce = (address: string) => {
    if (!told) options.onPlainKey?.(address);
    told = true;
  };
  const openHttp = (url: string) => {
    const { apiKey, apiKeyHeader } = options;
    return new HttpAdminRpc({ url, apiKey, apiKeyHeader, authorities, onPlainKey: () => tellOnce(url) });
  };
  return {
    rpc: (address) => {
      const known = open.get(address);
      if (known) return known;
      const rpc = isErlangUrl(address) ? openErlang(address) : openHttp(address);
      open.set(address, rpc);
      return rpc;
    },
    close: () => {
      for (const rpc of open.values()) rpc.close();
    },
  };
}

/** Loaded only where it is used: most clusters are reached over HTTP. */
async function erlangOpener(
  cookie: Secret,
  epmdPort: number | undefined,
): Promise<(url: string) => AdminRpc> {
  const { ErlangAdminRpc } = await import('./native/client.js');
  return (url) => new ErlangAdminRpc({ url, cookie, epmdPort });
}

function refuseErlang(url: string): never {
  throw new Failure('configuration', 'no_cookie', `${url}: there is no cookie for it`, {
    hint: 'Give --cookie-from or VMQCTL_COOKIE, and name an erl:// node with --node.',
  });
}
