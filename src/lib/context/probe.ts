import { HttpAdminRpc } from '../admin/http/client.js';
import type { Secret } from '../secret.js';
import type { ApiKeyHeader } from './settings.js';

/**
 * Tries whether something answers at a URL.
 *
 * @returns what answered, for people
 * @throws Failure
 */
export type Probe = (url: string) => Promise<string>;

export interface NodeProbeOptions {
  readonly apiKey?: Secret | undefined;
  readonly apiKeyHeader: ApiKeyHeader;
  /** PEM text. */
  readonly ca?: string | undefined;
  /** Milliseconds. */
  readonly deadline: number;
}

/** Asks a node what it sees. */
export function nodeProbe({ apiKey, apiKeyHeader, ca, deadline }: NodeProbeOptions): Probe {
  return async (url) => {
    const rpc = new HttpAdminRpc({ url, apiKey, apiKeyHeader, authorities: ca });
    try {
      const { views } = await rpc.views({ deadline });
      return `answers; reaches ${views.map(({ node }) => node).join(', ')}`;
    } finally {
      rpc.close();
    }
  };
}
