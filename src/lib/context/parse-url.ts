import { Failure } from '../failure.js';

/** What has an @ may have a secret in front of it, so it is not repeated. */
export function parseUrl(text: string, flag: string, code: string, hint: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url) return url;
  throw new Failure('usage', code, `${flag} is no URL${text.includes('@') ? '' : `: ${text}`}`, { hint });
}
