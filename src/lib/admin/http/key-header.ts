import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';

/** How an API key travels: as the user name of Basic authorization, or in a header of its own. */
export type ApiKeyHeader = 'basic' | 'x-api-key';

/**
 * Refuses a key that cannot travel in a header, or that the broker would not read as the bytes it was made of.
 *
 * @throws Failure (configuration), which does not repeat the key
 */
export function assertUsableKey(apiKey: Secret | undefined): void {
  if (apiKey === undefined || /^[\x20-\x7e]+$/.test(apiKey.reveal())) return;
  throw new Failure(
    'configuration',
    'bad_api_key',
    'the API key has characters that no API key can have: only printable ASCII is possible',
    {
      hint: 'Look at what the source of the key really holds: a wrong file, a byte order mark, a stray control character?',
    },
  );
}
