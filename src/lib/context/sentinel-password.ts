import type { Secret } from '../secret.js';
import { readRedisUrl } from './redis-url.js';
import { toSecret } from './secret-source.js';

/** The password of the sentinels, where the URL names some. It is never the one of Redis itself. */
export function sentinelPassword(url: string, environment: NodeJS.ProcessEnv): { sentinelPassword?: Secret } {
  const variable = environment.VMQCTL_REDIS_SENTINEL_PASSWORD;
  if (!variable || readRedisUrl(url).kind !== 'sentinel') return {};
  return { sentinelPassword: toSecret(variable, 'VMQCTL_REDIS_SENTINEL_PASSWORD') };
}
