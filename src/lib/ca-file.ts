import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Failure } from './failure.js';

export interface AuthorityFile {
  readonly pem: string;
  readonly certificates: number;
  /** Subjects of those whose time is over at `now`. */
  readonly expired: readonly string[];
}

/**
 * Reads a PEM file of certificates.
 *
 * @param now milliseconds since the epoch
 * @throws Failure (configuration) when it cannot be read, or holds no certificate or a broken one
 */
export async function readAuthorities(path: string, now: number): Promise<AuthorityFile> {
  const pem = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw bad(`the CA file cannot be read: ${path}: ${cause.code}`, cause);
  });
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw bad(`the CA file has no PEM certificate in it: ${path}`);
  const certificates = blocks.map((block, index) => parse(block, index, path));
  const expired = certificates
    .filter((one) => Date.parse(one.validTo) < now)
    .map((one) => one.subject.replaceAll('\n', ', '));
  return { pem, certificates: certificates.length, expired };
}

function parse(block: string, index: number, path: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw bad(`the CA file has a broken certificate, number ${index + 1}: ${path}`, cause);
  }
}

const bad = (message: string, cause?: unknown) =>
  new Failure('configuration', 'bad_ca_file', message, { cause });
