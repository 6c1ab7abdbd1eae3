import { connectRedis } from '../acl/redis-connection.js';
import { toFailure } from '../admin/failure.js';
import { HttpAdminRpc } from '../admin/http/client.js';
import { isErlangUrl } from '../admin/native/address.js';
import type { AdminRpc } from '../admin/rpc.js';
import type { NodeProbeOptions, Probe, RedisProbeOptions } from '../context/validate.js';
import { Failure } from '../failure.js';

/** Asks a node what it sees. That needs no key, so whether the key will do is tried with a question that does. */
export function nodeProbe(options: NodeProbeOptions): Probe {
  const { apiKey, deadline } = options;
  return async (url) => {
    const rpc = await openRpc(url, options);
    try {
      const { views } = await rpc.views({ deadline });
      // Over Erlang distribution an answer has taken the cookie already.
      if (apiKey && !isErlangUrl(url)) {
        const reply = await rpc.call({ words: ['cluster', 'show'] }, { deadline });
        if (reply.outcome !== 'done') throw toFailure(rpc.address, reply);
      } else if (!(await rpc.isOpen({ deadline }))) {
        throw new Failure(
          'credentials',
          'unauthorized',
          `${url}: the node wants an API key, and the context has none`,
          {
            hint: 'Save where the key is with --api-key-from.',
          },
        );
      }
      return `answers; reaches ${views.map(({ node }) => node).join(', ')}`;
    } finally {
      rpc.close();
    }
  };
}

async function openRpc(
  url: string,
  { apiKey, apiKeyHeader, authorities, cookie, epmdPort }: NodeProbeOptions,
): Promise<AdminRpc> {
  if (!cookie || !isErlangUrl(url))
    return new HttpAdminRpc({ url, apiKey, apiKeyHeader, authorities: authorities?.pem });
  const { ErlangAdminRpc } = await import('../admin/native/client.js');
  return new ErlangAdminRpc({ url, cookie, epmdPort });
}

/** Logs in and sends a PING. */
export function redisProbe({ password, caFile, deadline }: RedisProbeOptions): Probe {
  return async (url) => {
    const settings = { url, deadline, ...(password ? { password } : {}), ...(caFile ? { caFile } : {}) };
    const redis = await connectRedis(settings);
    try {
      await redis.call('PING');
      return 'answers PING';
    } finally {
      redis.close();
    }
  };
}
