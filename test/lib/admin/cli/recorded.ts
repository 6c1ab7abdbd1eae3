import { findCommand } from '../../../../src/lib/admin/catalogue/index.js';
import type { AdminCommand } from '../../../../src/lib/admin/rpc.js';
import { type BrokerVersion, goldenFile } from '../../../support/golden.js';

/** A recorded run of a node's own `vmq-admin`. */
export interface CliRow {
  readonly id: string;
  readonly state: string;
  /** With `vmq-admin` in front. */
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export const cliRows = (version: BrokerVersion) => goldenFile(`cli-${version}.json`) as CliRow[];

/** Options of nodetool, which takes them out before the broker sees the command. */
const NODETOOL = new Set(['-rpctimeout', '-setcookie', '-name']);

/** Reads a recorded command line as the broker's own parser does: leniently, right or wrong. */
export function recordedCommand(argv: readonly string[]): AdminCommand {
  const own = argv
    .slice(1)
    .filter((token, index, all) => !NODETOOL.has(token) && !NODETOOL.has(all[index - 1] ?? ''));
  const end = own.findIndex((token) => token.includes('=') || token.startsWith('-'));
  const words = end === -1 ? own : own.slice(0, end);
  const rest = end === -1 ? [] : own.slice(end);
  const firstFlag = rest.findIndex((token) => token.startsWith('-'));
  const keys = firstFlag === -1 ? rest : rest.slice(0, firstFlag);
  return {
    words,
    arguments: keys.map((token) => token.split(/=(.*)/s, 2) as [string, string]),
    flags: (firstFlag === -1 ? [] : rest.slice(firstFlag)).flatMap((token, index, all) => {
      if (!token.startsWith('-')) return [];
      const [name = '', value] = token.replace(/^--?/, '').split(/=(.*)/s, 2);
      const next = all[index + 1];
      const swallowed = next !== undefined && !next.startsWith('-') ? next : true;
      const spec = findCommand(words)?.flags?.find((flag) => !token.startsWith('--') && flag.short === name);
      return [[spec?.name ?? name, value ?? swallowed] as const];
    }),
  };
}
