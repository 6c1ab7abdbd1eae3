import { Failure } from '../failure.js';

/** What a safety check says before anything was sent. */
export const refuse = (code: string, message: string, hint: string): Failure =>
  new Failure('safety', code, message, { hint: `${hint} Nothing was changed.` });
