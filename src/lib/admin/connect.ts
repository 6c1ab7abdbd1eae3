import { readFile } from 'node:fs/promises';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import { HttpAdminRpc } from './http/client.js';

export interface ConnectOptions {
  readonly apiKey?: Secret | undefined;
  readonly apiKeyHeader: 'basic' | 'x-api-key';
  /** PEM file of the authorities that https nodes are checked against. */
  readonly caFile?: string | undefined;
}

export interface Connector {
  rpc(address: string): HttpAdminRpc;
  /** Ends the kept-alive connections, so that the process can end. */
  close(): void;
}

/**
 * One connection per node, whatever its URL's scheme says it goes over.
 *
 * @throws Failure (configuration) when the authorities cannot be read
 */
export async function openConnector(options: ConnectOptions): Promise<Connector> {
  const authorities = options.caFile === undefined ? undefined : await readAuthorities(options.caFile);
  const open = new Map<string, HttpAdminRpc>();
  return {
    rpc: (address) => {
      const known = open.get(address);
      if (known) return known;
      const { apiKey, apiKeyHeader } = options;
      const rpc = new HttpAdminRpc({ url: address, apiKey, apiKeyHeader, authorities });
      open.set(address, rpc);
      return rpc;
    },
    close: () => {
      for (const rpc of open.values()) rpc.close();
    },
  };
}

async function readAuthorities(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Failure('configuration', 'ca_file_unreadable', `cannot read the authorities in ${path}`, {
      hint: 'Give --ca-file a PEM file that you may read.',
      cause,
    });
  }
}
