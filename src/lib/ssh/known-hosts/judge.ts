import { createHash } from 'node:crypto';
import { isFor, type KnownHost, typeOf } from './entry.js';

export type Verdict =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'revoked' | 'changed'; readonly entry: KnownHost }
  /** Other types of keys are known, or a certificate authority is. */
  | {
      readonly verdict: 'unknown';
      readonly others: readonly KnownHost[];
      readonly authority: KnownHost | undefined;
    };

/** The names that a host's keys stand under; the first one is how ssh writes it. */
export function namesOf(host: string, port: number, alias: string | undefined): readonly string[] {
  if (alias !== undefined) return [alias.toLowerCase()];
  const name = host.toLowerCase();
  // ssh takes a key that is known for the host whatever the port, too.
  return port === 22 ? [name] : [`[${name}]:${port}`, name];
}

/** Whether a host that showed `key` is the one that was meant. Keys count when they are the same byte by byte. */
export function judge(entries: readonly KnownHost[], names: readonly string[], key: Buffer): Verdict {
  const ours = entries.filter((entry) => names.some((name) => isFor(entry, name)));
  const isSame = (entry: KnownHost) => entry.key.equals(key);
  const revoked = ours.find((entry) => entry.mark === 'revoked' && isSame(entry));
  if (revoked) return { verdict: 'revoked', entry: revoked };
  const keys = ours.filter(({ mark }) => mark === 'key');
  // What is known without the port may be of another server on the same machine: it never stands against, nor for, a
  // key that differs from the one known for this port.
  const [exact = ''] = names;
  const exactly = keys.filter((entry) => isFor(entry, exact));
  if (exactly.some(isSame)) return { verdict: 'known' };
  const changed = exactly.find(({ type }) => type === typeOf(key));
  if (changed) return { verdict: 'changed', entry: changed };
  if (keys.some(isSame)) return { verdict: 'known' };
  const authority = ours.find(({ mark }) => mark === 'cert-authority');
  return { verdict: 'unknown', others: exactly, authority };
}

/**
 * The types of the keys that are known: a server with several keys is asked for one of these. Those known without the
 * port, which may be of another server, count only where none is known for it.
 */
export function knownTypes(entries: readonly KnownHost[], names: readonly string[]): Set<string> {
  const typesFor = (name: string) =>
    entries.filter((entry) => entry.mark === 'key' && isFor(entry, name)).map(({ type }) => type);
  return new Set(names.map(typesFor).find((types) => types.length > 0));
}

/** As ssh prints it: `SHA256:` and base64 without padding. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
