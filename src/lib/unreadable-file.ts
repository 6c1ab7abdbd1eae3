import { Failure } from './failure.js';

/** @param cause what the file system said */
export const unreadableFile = (path: string, cause: unknown): Failure =>
  new Failure(
    'configuration',
    'unreadable_file',
    `${path} cannot be read: ${(cause as NodeJS.ErrnoException).code}`,
    { cause },
  );
