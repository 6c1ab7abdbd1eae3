import { createHmac } from 'node:crypto';
import { matchesList } from '../pattern.js';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly mark: 'key' | 'cert-authority' | 'revoked';
  /** Patterns, or one hashed name. */
  readonly names: string;
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** The key as it travels (RFC 4253 section 6.6). */
  readonly key: Buffer;
  /** `path:number`, for messages. */
  readonly where: string;
}

/** Reads a known_hosts file. Lines that make no sense are passed over, as ssh does. */
export function parseKnownHosts(text: string, path: string): KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const mark = marker === undefined ? 'key' : MARKS[marker];
    const [names = '', type = '', encoded = ''] = words;
    const key = Buffer.from(encoded, 'base64');
    if (mark === undefined || names === '' || names.startsWith('#') || typeOf(key) !== type) return [];
    return [{ mark, names, type, key, where: `${path}:${index + 1}` }];
  });
}

const MARKS: Readonly<Record<string, KnownHost['mark']>> = {
  '@cert-authority': 'cert-authority',
  '@revoked': 'revoked',
};

/** The type that stands in the key itself. */
export function typeOf(key: Buffer): string | undefined {
  if (key.length < 5) return undefined;
  const length = key.readUInt32BE(0);
  return length > 64 || 4 + length >= key.length ? undefined : key.toString('latin1', 4, 4 + length);
}

/**
 * @param name as OpenSSH writes it: in lower case, `[host]:port` where the port is not 22
 */
export function isFor({ names }: KnownHost, name: string): boolean {
  if (!names.startsWith('|')) return matchesList(names.toLowerCase().split(','), name);
  const [, version, salt = '', hash = ''] = names.split('|');
  if (version !== '1') return false;
  const expected = Buffer.from(hash, 'base64');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(expected);
}
