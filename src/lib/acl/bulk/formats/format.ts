import { extname } from 'node:path';
import { Failure } from '../../../failure.js';
import { DEFAULT_TOPIC_MAX_DEPTH } from '../../pattern.js';
import { type Input, openInput } from '../input.js';
import { BEGINNING, type LineBatch, type Position, readLines } from '../lines.js';
import type { Lists } from '../lists.js';
import { ndjsonReader } from '../ndjson.js';
import { Packer } from '../pack/packer.js';
import type { RowReading } from '../row.js';
import { CsvHeader, csvReach, csvReader } from './csv.js';
import { type FindReach, groupLines } from './grouping.js';
import { passwordReader } from './passwords.js';
import { type Dialect, readTopicRules, type TopicRules } from './topic-rules.js';

export const FORMAT_NAMES = ['ndjson', 'csv', 'yaml', 'mosquitto', 'vmq'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** How rows stand in an input. */
export interface RowFormat {
  /** The records from this place on, each in the place of its first line. */
  open(input: Pick<Input, 'read'>, from: Position): AsyncIterable<LineBatch>;
  /** Undefined for what is no row. */
  readonly read: (text: string) => RowReading | undefined;
  /** What a file of such rows begins with. */
  readonly heading: () => string | undefined;
  readonly remarks: readonly string[];
  readonly remarksAfter: () => readonly string[];
}

const EXTENSIONS: Readonly<Record<string, FormatName>> = { '.csv': 'csv', '.yaml': 'yaml', '.yml': 'yaml' };

/** Users of an ACL file who are not in the password file: more of them are counted, not named. */
const NAMED = 10;

/**
 * The format of an input, by its name where none is asked for.
 *
 * @throws Failure: usage, and those of the ACL file
 */
export async function openFormat(
  input: string,
  wish: { readonly name?: FormatName | undefined; readonly aclFile?: string | undefined },
  given: Lists,
): Promise<RowFormat> {
  const name = wish.name ?? EXTENSIONS[extname(input).toLowerCase()] ?? 'ndjson';
  if (name === 'mosquitto' || name === 'vmq') return await passwordFormat(name, wish.aclFile, given);
  if (wish.aclFile !== undefined)
    throw new Failure('usage', 'contradicting_flags', '--acl-file goes with --from mosquitto or vmq');
  if (name === 'csv') return csvFormat(given);
  return name === 'yaml' ? await yamlFormat(given) : ndjsonFormat(given);
}

const NOTHING_TO_SAY = { heading: () => undefined, remarks: [], remarksAfter: () => [] };

const lineFormat = (read: RowFormat['read']): RowFormat => ({
  open: (input, from) => readLines(input.read(from), from),
  read,
  ...NOTHING_TO_SAY,
});

function ndjsonFormat(given: Lists): RowFormat {
  const packer = new Packer(given);
  return {
    open: (input, from) => readLines(input.read(from), from, '\r\n', (lines) => packer.pack(lines)),
    read: ndjsonReader(given),
    ...NOTHING_TO_SAY,
  };
}

const openGroups = (input: Pick<Input, 'read'>, from: Position, reach: FindReach) =>
  groupLines(readLines(input.read(from), from, '\n'), reach);

async function yamlFormat(given: Lists): Promise<RowFormat> {
  const { yamlReach, yamlReader } = await import('./yaml.js');
  return {
    open: (input, from) => openGroups(input, from, yamlReach),
    read: yamlReader(given),
    ...NOTHING_TO_SAY,
  };
}

export function csvFormat(given: Lists): RowFormat {
  const header = new CsvHeader();
  return {
    open: (input, from) => openCsv(input, from, header),
    read: csvReader(header, given),
    ...NOTHING_TO_SAY,
    heading: () => header.text,
  };
}

/** Wherever it is read from, the header is at its beginning. */
async function* openCsv(input: Pick<Input, 'read'>, from: Position, header: CsvHeader) {
  const whole = header.take(openGroups(input, BEGINNING, csvReach));
  if (from.bytes === 0) {
    yield* whole;
    return;
  }
  for await (const _ of whole) break;
  yield* openGroups(input, from, csvReach);
}

async function passwordFormat(
  dialect: Dialect,
  aclFile: string | undefined,
  given: Lists,
): Promise<RowFormat> {
  const rules = aclFile === undefined ? undefined : await readAclFile(aclFile, dialect, given);
  return {
    ...lineFormat(passwordReader(given, rules)),
    remarks: rules?.remarks.map((remark) => `${aclFile}: ${remark}`) ?? [],
    remarksAfter: () => (rules ? unusedRemarks(rules, aclFile ?? '') : []),
  };
}

/** Its rules are held in memory: those of one user may stand in several places of it. */
async function readAclFile(
  path: string,
  dialect: Dialect,
  { topicMaxDepth = DEFAULT_TOPIC_MAX_DEPTH }: Lists,
): Promise<TopicRules> {
  const input = await openInput(path, process.stdin);
  const lines: string[] = [];
  for await (const { start, texts, problems } of readLines(input.read(BEGINNING))) {
    for (const [index, why] of problems)
      throw new Failure('data', 'bad_acl_file', `line ${start.line + index} of ${path}: ${why}`);
    lines.push(...texts);
  }
  return readTopicRules(lines, dialect, topicMaxDepth);
}

function unusedRemarks(rules: TopicRules, aclFile: string): string[] {
  const names = rules.unused();
  if (names.length === 0) return [];
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const named = names.slice(0, NAMED).map((name) => JSON.stringify(name));
  return [
    `${aclFile} has rules for users who are not in the password file, and have got no record: ${named.join(', ')}${more}`,
  ];
}
