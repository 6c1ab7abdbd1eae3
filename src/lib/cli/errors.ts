import { Failure } from '../failure.js';
import { EXIT_CODES } from './exit-codes.js';

/** The `--json` form of a failure, on stdout. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly exitCode: number;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

/** The one place where something thrown becomes a failure. What we did not expect is a bug, and says so. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (isParseError(thrown)) {
    return new Failure('usage', 'usage', parseMessage(thrown), {
      hint: parseHint(thrown),
    });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('bug', 'bug', `unexpected: ${firstLine(message)}`, {
    hint: 'This is a mistake in vmqctl. Please report it, with the output of the same command and VMQCTL_DEBUG=1.',
    cause: thrown,
  });
}

export const exitCodeOf = (failure: Failure): number => EXIT_CODES[failure.kind];

export function errorDocument(failure: Failure): ErrorDocument {
  return {
    error: {
      code: failure.code,
      message: failure.message,
      hint: failure.hint ?? null,
      exitCode: exitCodeOf(failure),
      ...(failure.details ? { details: failure.details } : {}),
    },
  };
}

/** oclif's parser errors carry the parse they came from; its other expected errors carry an `oclif` member. */
function isParseError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && ('parse' in thrown || 'oclif' in thrown);
}

/**
 * The parser's own message, but for what it would repeat of the command line: a secret that was typed in a wrong place
 * must not be shown, so neither values nor stray words are, and the error is not kept as a cause.
 */
function parseMessage(error: Error & { flags?: unknown; args?: unknown }): string {
  const { flags, args } = error;
  if (error.constructor.name === 'NonExistentFlagsError' && Array.isArray(flags)) {
    return `there is no flag ${flags.map((flag) => String(flag).replace(/=.*/s, '')).join(', ')} here`;
  }
  if (error.constructor.name === 'UnexpectedArgsError' && Array.isArray(args)) {
    return `${args.length} unexpected ${args.length === 1 ? 'argument' : 'arguments'}`;
  }
  if (error.constructor.name === 'RequiredArgsError' && Array.isArray(args)) {
    return `missing: ${args.map(({ name }: { name: string }) => name).join(', ')}`;
  }
  return withReason(error.message);
}

/** `vmq-admin` has a key in front of every node name too; leaving it out is the likeliest slip. */
function parseHint({ args }: Error & { args?: unknown }): string {
  const looksLikeNode = Array.isArray(args) && args.some((word) => /^[^\s@=]+@[^\s@]+$/.test(String(word)));
  return looksLikeNode
    ? 'A node name goes with its key: node=NAME for the one that leaves, discovery-node=NAME for one to join.'
    : 'Arguments are key=value words and flags; see the command with --help.';
}

/** `Parsing --cost` alone says nothing: the reason stands in the next line, in front of a pointer to --help. */
function withReason(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('See more help'))
    .slice(0, 2)
    .join(': ');
}

const firstLine = (text: string) => text.split('\n', 1)[0]?.trim() ?? '';
