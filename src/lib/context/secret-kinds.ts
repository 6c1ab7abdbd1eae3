import { Failure } from '../failure.js';

/** Where a secret can be fetched from. It holds no secret itself, so it may be shown and saved. */
export type SecretSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'command'; readonly line: string }
  | { readonly kind: 'keyring'; readonly service: string; readonly account: string }
  | { readonly kind: 'stdin' };

/** Bytes. No API key and no password is longer: more means that the wrong thing is being read. */
export const LONGEST = 64 * 1024;

export function unavailable(
  code: string,
  message: string,
  options: { hint?: string; cause?: unknown } = {},
): Failure {
  return new Failure('configuration', code, message, options);
}
