import { randomBytes } from 'node:crypto';
import { API_SCOPES, type ApiKey, type ApiScope, type Metadata } from './metadata.js';

export type KeyError = 'key_already_exists' | 'key_not_found' | 'invalid_expiry_date';

/**
 * The API keys as one node sees them. It reads the replicated list once and keeps what it read: keys that arrive
 * later stay unknown to it until it restarts, and what it writes itself overwrites what others wrote.
 */
export class KeyCache {
  private cached: readonly ApiKey[] | null = null;

  constructor(
    private readonly host: { readonly metadata: Metadata },
    private readonly now: () => number,
  ) {}

  list(): readonly ApiKey[] {
    this.cached ??= this.host.metadata.apiKeys;
    return this.cached;
  }

  /** What a restart does. */
  forget(): void {
    this.cached = null;
  }

  accepts(key: string, scope: ApiScope): boolean {
    return this.list().some((one) => one.key === key && one.scope === scope && !this.hasExpired(one));
  }

  hasExpired({ expires }: ApiKey): boolean {
    return expires !== null && expires <= this.now();
  }

  create(scope: ApiScope, expires: number | null): { readonly key: string } | KeyError {
    const key = randomBytes(24).toString('base64url');
    return this.add({ key, scope, expires }) ?? { key };
  }

  /** @returns what was wrong, or null */
  add(key: ApiKey): KeyError | null {
    if (this.hasExpired(key)) return 'invalid_expiry_date';
    if (this.list().some((one) => one.key === key.key && one.scope === key.scope))
      return 'key_already_exists';
    this.write([...this.list(), key]);
    return null;
  }

  delete(key: string, scope: ApiScope): KeyError | null {
    const rest = this.list().filter((one) => one.key !== key || one.scope !== scope);
    if (rest.length === this.list().length) return 'key_not_found';
    this.write(rest);
    return null;
  }

  private write(keys: readonly ApiKey[]): void {
    this.cached = keys;
    this.host.metadata.apiKeys = keys;
    this.host.metadata.touch();
  }
}

export const isScope = (text: string): text is ApiScope => API_SCOPES.some((scope) => scope === text);
