import { parseElements } from '../elements.js';
import { isAlertText } from '../refusals.js';
import type { ReplyElement } from '../rpc.js';
import { isTableLine, parseTable } from './table.js';

/** What a `vmq-admin` command wrote. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** 0 when the broker thinks that it succeeded. */
  readonly exitCode: number;
}

export interface ParsedOutput {
  /** Lines that came before the result: progress of a leave, and what the node logged meanwhile. */
  readonly streamed: readonly string[];
  readonly elements: readonly ReplyElement[];
}

/**
 * Reads what `vmq-admin` writes to stdout: lines of progress, then either the JSON document of `--format=json` or text
 * and tables for people. In the human form an alert looks like a text; it is told apart by what it says.
 */
export function parseCliOutput(stdout: string): ParsedOutput {
  const lines = withoutAnsi(stdout).split(/\r?\n/);
  const at = lines.findLastIndex(isDocumentLine);
  const elements = at === -1 ? undefined : parseElements(lines[at] ?? '');
  if (elements) return { streamed: lines.slice(0, at).filter((line) => line !== ''), elements };
  const { reports, rest } = takeReports(lines);
  const progress = rest.filter(isProgress);
  return {
    streamed: [...progress, ...reports],
    elements: humanElements(rest.filter((line) => !isProgress(line))),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
export const withoutAnsi = (text: string): string => text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '');

const isDocumentLine = (line: string) => /^(\{"|\[\{")/.test(line);

const isProgress = (line: string) => /^Migrated \d+\/\d+ queues and \d+\/\d+ messages$/.test(line);

/** Reports of the node's logger: a head, one line, and further lines that are indented. */
function takeReports(lines: readonly string[]): { reports: string[]; rest: string[] } {
  const reports: string[] = [];
  const rest: string[] = [];
  let state: 'outside' | 'head' | 'body' = 'outside';
  for (const line of lines) {
    if (/^=\w+ REPORT====/.test(line)) state = 'head';
    else if (state === 'head') state = 'body';
    else if (state === 'body' && !/^\s+\S/.test(line)) state = 'outside';
    (state === 'outside' ? rest : reports).push(line);
  }
  return { reports, rest };
}

function humanElements(lines: readonly string[]): ReplyElement[] {
  return blocksOf(lines).flatMap(({ isTable, lines: block }): ReplyElement[] => {
    if (isTable) return [{ type: 'table', rows: parseTable(block) }];
    const text = block.join('\n').replace(/\n+$/, '');
    return text === ''
      ? []
      : [isAlertText(text) ? { type: 'alert', elements: [asText(text)] } : asText(text)];
  });
}

const asText = (text: string): ReplyElement => ({ type: 'text', text });

interface Block {
  readonly isTable: boolean;
  readonly lines: string[];
}

/** Runs of lines of a table, and of other lines. A table begins where a head stands between two rules. */
function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (const line of lines) {
    const isTable = isTableLine(line);
    const last = blocks.at(-1);
    if (last?.isTable === isTable && !(isTable && startsTable(line, last.lines))) last.lines.push(line);
    else blocks.push({ isTable, lines: [line] });
  }
  return blocks;
}

/** Two tables in a row meet in two rules. */
const startsTable = (line: string, before: readonly string[]) =>
  line.startsWith('+') && (before.at(-1)?.startsWith('+') ?? false);
