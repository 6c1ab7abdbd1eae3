import { Failure } from '../failure.js';

/** What is needed of a flag's definition to know what belongs to it on the command line. */
export interface FlagShape {
  readonly type: 'option' | 'boolean';
  readonly char?: string;
  readonly aliases?: string[];
}

type Flags = Readonly<Record<string, FlagShape>>;

/** Whether this token is a flag whose value is the next token. */
export const takesValue = (token: string, flags: Flags): boolean =>
  !token.includes('=') && typeOf(token, flags) === 'option';

/**
 * oclif would take `--yes=false` for `--yes` and a word `false`, and `-k=false` for flags nobody gave.
 *
 * @throws Failure (usage) for a value of a flag that has none
 */
export function refuseValues(argv: readonly string[], flags: Flags): void {
  for (const [index, token] of argv.entries()) {
    if (token === '--') return;
    const previous = argv[index - 1];
    const [flag = ''] = token.split('=', 1);
    if (flag === token || (previous !== undefined && takesValue(previous, flags))) continue;
    if (typeOf(flag, flags) !== 'boolean') continue;
    throw new Failure('usage', 'flag_without_value', `${flag} takes no value`, {
      hint: `Give ${flag} alone, or leave it out.`,
    });
  }
}

function typeOf(token: string, flags: Flags): FlagShape['type'] | undefined {
  if (!token.startsWith('-')) return undefined;
  const name = token.replace(/^--?/, '');
  const match = Object.entries(flags).find(([key, flag]) =>
    token.startsWith('--') ? key === name || flag.aliases?.includes(name) : flag.char === name,
  );
  return match?.[1].type;
}
