import type { Secret } from '../secret.js';
import { HttpAdminRpc } from './http/client.js';
import { type ApiKeyHeader, assertUsableKey } from './http/key-header.js';

export interface ConnectOptions {
  readonly apiKey?: Secret | undefined;
  readonly apiKeyHeader: ApiKeyHeader;
  /** PEM file of the authorities that https nodes are checked against. */
  readonly caFile?: string | undefined;
  /** Called once, before the key travels in clear to another machine for the first time. */
  readonly onPlainKey?: ((address: string) => void) | undefined;
}

export interface Connector {
  rpc(address: string): HttpAdminRpc;
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
  const open = new Map<string, HttpAdminRpc>();
  let told = false;
  const tellOnce = (address: string) => {
    if (!told) options.onPlainKey?.(address);
    told = true;
  };
  return {
    rpc: (address) => {
      const known = open.get(address);
      if (known) return known;
      const { apiKey, apiKeyHeader } = options;
      const onPlainKey = () => tellOnce(address);
      const rpc = new HttpAdminRpc({ url: address, apiKey, apiKeyHeader, authorities, onPlainKey });
      open.set(address, rpc);
      return rpc;
    },
    close: () => {
      for (const rpc of open.values()) rpc.close();
    },
  };
}
