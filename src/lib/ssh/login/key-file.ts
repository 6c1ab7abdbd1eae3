import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';

/** What a key file is good for. */
export type KeyFile =
  | { readonly kind: 'ready'; readonly publicKey: ParsedKey; readonly privateKey: ParsedKey }
  /** Has a passphrase. The public half may be known all the same. */
  | { readonly kind: 'locked'; readonly publicKey: ParsedKey | undefined; readonly text: string }
  /** Only the public half is here; an agent may have the other. */
  | { readonly kind: 'public'; readonly publicKey: ParsedKey }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'absent' };

/** Reads a private key file and, where it is needed, the public one beside it. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const content = await readPrivate(path);
  const beside = await publicKeyOf(`${path}.pub`);
  if (content === undefined) return beside ? { kind: 'public', publicKey: beside } : { kind: 'absent' };
  if ('reason' in content) return { kind: 'unusable', reason: content.reason };
  const key = parseKey(content.text);
  if (key instanceof Error) {
    if (/no passphrase given/.test(key.message))
      return { kind: 'locked', publicKey: publicHalf(content.text) ?? beside, text: content.text };
    return { kind: 'unusable', reason: 'of a format that is not supported' };
  }
  return key.isPrivateKey()
    ? { kind: 'ready', publicKey: key, privateKey: key }
    : { kind: 'public', publicKey: key };
}

/** Decrypts a key; nothing when the passphrase is wrong. */
export function unlock(text: string, passphrase: string): ParsedKey | undefined {
  const key = parseKey(text, passphrase);
  return key instanceof Error ? undefined : key;
}

function parseKey(text: string, passphrase?: string): ParsedKey | Error {
  const parsed: ParsedKey | Error | ParsedKey[] = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key ?? new Error('no key in it');
}

async function readPrivate(path: string): Promise<{ text: string } | { reason: string } | undefined> {
  try {
    const { mode, uid } = await stat(path);
    // As ssh: what others can read is no secret any more, and must not go on being used unnoticed.
    if (uid === process.getuid?.() && (mode & 0o077) !== 0 && !path.endsWith('.pub'))
      return { reason: `readable by others: chmod 600 ${path}` };
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { reason: `unreadable: ${code}` };
  }
}

async function publicKeyOf(path: string): Promise<ParsedKey | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const key = text === undefined ? undefined : parseKey(text);
  return key instanceof Error ? undefined : key;
}

const MAGIC = 'openssh-key-v1\0';

/** The public half stands in clear in an encrypted key of OpenSSH's own format (PROTOCOL.key). */
function publicHalf(text: string): ParsedKey | undefined {
  const [, encoded] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text) ?? [];
  if (encoded === undefined) return undefined;
  const data = Buffer.from(encoded, 'base64');
  if (data.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  // Cipher, key derivation, its options; then the number of keys.
  let position = MAGIC.length;
  for (let skipped = 0; skipped < 3; skipped += 1) {
    if (position + 4 > data.length) return undefined;
    position += 4 + data.readUInt32BE(position);
  }
  if (position + 8 > data.length) return undefined;
  const start = position + 8;
  const key = data.subarray(start, start + data.readUInt32BE(position + 4));
  const type = key.length > 4 ? key.toString('latin1', 4, 4 + key.readUInt32BE(0)) : '';
  const parsed = parseKey(`${type} ${key.toString('base64')}`);
  return parsed instanceof Error ? undefined : parsed;
}
