import type { CommandSpec, FlagSpec } from '../../admin/catalogue/types.js';
import type { FlagShape } from '../flag-shape.js';

export interface Sides {
  /** For our own flag parser. */
  readonly own: string[];
  /** The command as the broker has it. */
  readonly broker: string[];
}

/**
 * Parts a command line into flags of ours and what belongs to the broker. A flag that both have is the broker's, but
 * for `--node`: with a URL it says which node we speak to, with anything else it is the broker's `--node`.
 */
export function partArguments(
  spec: CommandSpec,
  argv: readonly string[],
  ownFlags: Readonly<Record<string, FlagShape>>,
): Sides {
  const sides: Sides = { own: [], broker: [] };
  for (let index = 0; index < argv.length; index += 1) {
    const token = argv[index] ?? '';
    const next = argv[index + 1];
    const own = isOwn(spec, token, next, ownFlags);
    if (own === undefined) {
      sides.broker.push(token);
      continue;
    }
    sides.own.push(token);
    if (own.type === 'boolean' || token.includes('=') || next === undefined) continue;
    sides.own.push(next);
    index += 1;
  }
  return sides;
}

function isOwn(
  spec: CommandSpec,
  token: string,
  next: string | undefined,
  ownFlags: Readonly<Record<string, FlagShape>>,
): FlagShape | undefined {
  if (!token.startsWith('-')) return undefined;
  const [flag = '', value] = token.split(/=(.*)/s, 2);
  const own = Object.entries(ownFlags).find(
    ([name, { char }]) => flag === `--${name}` || flag === `-${char}`,
  )?.[1];
  const theirs = spec.flags?.find((candidate) => isNamed(candidate, flag));
  if (!theirs) return own;
  return flag === '--node' && (value ?? next)?.includes('://') ? own : undefined;
}

const isNamed = ({ name, short }: FlagSpec, flag: string) =>
  flag === `--${name}` || (short !== undefined && flag === `-${short}`);
