import { findCommand } from '../../admin/catalogue/index.js';
import type { CommandSpec } from '../../admin/catalogue/types.js';

/** The command of `vmq-admin` at the beginning of a command line, unless we have one of our own for it. */
export function forwarded(argv: readonly string[]): CommandSpec | undefined {
  const end = argv.findIndex((token) => token.startsWith('-') || token.includes('='));
  const spec = findCommand(end === -1 ? argv : argv.slice(0, end));
  return spec?.richer === undefined ? spec : undefined;
}
