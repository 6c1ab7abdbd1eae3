import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { formatDuration } from '../duration.js';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import type { ApiKeyHeader } from './settings.js';

/**
 * Tries whether something answers at a URL.
 *
 * @returns what answered, for people
 * @throws Failure: unreachable, credentials, configuration (something else answers there, or TLS does not trust it)
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

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks a node for `/status.json`. The key is sent only when the node wants one: a node that is asked with a key that
 * has not reached it yet refuses that key until it restarts.
 */
export function nodeProbe(options: NodeProbeOptions): Probe {
  return async (node) => {
    const url = `${node}/status.json`;
    const open = await get(url, {}, options);
    const answer = open.status === 401 && options.apiKey ? await get(url, keyHeader(options), options) : open;
    return describe(answer, node, options.apiKey !== undefined);
  };
}

function keyHeader({ apiKey, apiKeyHeader }: NodeProbeOptions): Record<string, string> {
  const key = apiKey?.reveal() ?? '';
  if (apiKeyHeader === 'x-api-key') return { 'x-api-key': key };
  return { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` };
}

function describe({ status, body }: Answer, node: string, hasKey: boolean): string {
  if (status === 401 || status === 403) {
    const reason = hasKey ? 'refuses the API key' : 'wants an API key';
    throw new Failure('credentials', 'credentials_refused', `${node} ${reason} (HTTP ${status})`);
  }
  const members = status === 200 ? memberNames(body) : undefined;
  if (members) return `answers; reaches ${members.join(', ')}`;
  throw new Failure(
    'configuration',
    'not_vernemq',
    `${node} does not answer as VerneMQ does (HTTP ${status})`,
    {
      hint: 'Is it the port of the management API, and is http_modules.vmq_status_http on?',
    },
  );
}

/** `/status.json` is a list with one object, whose members are the nodes that this one reaches. */
function memberNames(body: string): string[] | undefined {
  try {
    const document: unknown = JSON.parse(body);
    const [first]: unknown[] = Array.isArray(document) ? document : [];
    return typeof first === 'object' && first !== null ? Object.keys(first) : undefined;
  } catch {
    return undefined;
  }
}

const LARGEST_BODY = 16 * 1024 * 1024;

function get(
  url: string,
  headers: Record<string, string>,
  { ca, deadline }: NodeProbeOptions,
): Promise<Answer> {
  const signal = AbortSignal.timeout(deadline);
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) =>
      reject(transportFailure(url, error, signal.aborted, deadline));
    const options = { headers, signal, agent: false, ...(ca === undefined ? {} : { ca }) };
    const request = url.startsWith('https:') ? requestHttps(url, options) : requestHttp(url, options);
    request.once('error', fail);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_BODY) request.destroy(new Error('the answer does not end'));
        else chunks.push(chunk);
      });
      response.once('error', fail);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.end();
  });
}

function transportFailure(
  url: string,
  cause: NodeJS.ErrnoException,
  late: boolean,
  deadline: number,
): Failure {
  const { origin } = new URL(url);
  if (late) {
    return new Failure(
      'unreachable',
      'no_answer',
      `${origin} did not answer within ${formatDuration(deadline)}`,
      { cause },
    );
  }
  if (/CERT|SIGNATURE|TLS|SSL|EPROTO/.test(cause.code ?? '')) {
    return new Failure('configuration', 'tls', `${origin}: TLS does not trust it: ${cause.code}`, {
      hint: 'Give the PEM file of its authority with --ca-file, and use the host name that its certificate has.',
      cause,
    });
  }
  return new Failure(
    'unreachable',
    'unreachable',
    `${origin} cannot be reached: ${cause.code ?? cause.message}`,
    { cause },
  );
}
