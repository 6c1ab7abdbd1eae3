import { connectDeployment } from '../acl/redis-connect.js';
import type { RedisConnection } from '../acl/redis-connection.js';
import { openConnector } from '../admin/connect.js';
import { toFailure } from '../admin/failure.js';
import type { NodeProbeOptions, Probe, RedisProbeOptions } from '../context/validate.js';
import { Failure } from '../failure.js';

/** Asks a node what it sees. That needs no key, so whether the key will do is tried with a question that does. */
export function nodeProbe(options: NodeProbeOptions): Probe {
  const { apiKey, deadline } = options;
  return async (url) => {
    const connector = await openConnector({ ...options, authorities: options.authorities?.pem });
    try {
      const rpc = connector.rpc(url);
      const { views } = await rpc.views({ deadline });
      // Any other way in has taken its secret already.
      if (apiKey && url.startsWith('http')) {
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
      connector.close();
    }
  };
}

/** Logs in and sends a PING, to every primary of a cluster. */
export function redisProbe({ password, sentinelPassword, caFile, deadline }: RedisProbeOptions): Probe {
  return async (url) => {
    const settings = {
      ...{ url, deadline },
      ...(password ? { password } : {}),
      ...(sentinelPassword ? { sentinelPassword } : {}),
      ...(caFile ? { caFile } : {}),
    };
    const redis = await connectDeployment(settings);
    try {
      for await (const _ of redis.walk(ping));
      return 'answers PING';
    } finally {
      redis.close();
    }
  };
}

async function* ping(server: RedisConnection): AsyncGenerator<void> {
  yield void (await server.call('PING'));
}
