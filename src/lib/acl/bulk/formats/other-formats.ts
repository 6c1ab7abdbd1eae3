import { DEFAULT_TOPIC_MAX_DEPTH } from '../../pattern.js';
import { type Input, openInput } from '../input.js';
import { BEGINNING, type Position, readLines } from '../lines.js';
import type { Lists } from '../lists.js';
import type { ReadRow } from '../row.js';
import { CsvHeader, csvReach, csvReader } from './csv.js';
import { type FindReach, groupLines } from './grouping.js';
import { passwordReader } from './passwords.js';
import { NOTHING_TO_SAY, type RowFormat } from './row-format.js';
import { type Dialect, type TopicRules, TopicRulesReader } from './topic-rules.js';

/** Users of an ACL file who are not in the password file: more of them are counted, not named. */
const NAMED = 10;

const lineFormat = (read: ReadRow): RowFormat => ({
  open: (input, from) => readLines(input.read(from), from),
  reader: async () => read,
  ...NOTHING_TO_SAY,
});

const openGroups = (input: Pick<Input, 'read'>, from: Position, reach: FindReach) =>
  groupLines(readLines(input.read(from), from, '\n'), reach);

export async function yamlFormat(given: Lists): Promise<RowFormat> {
  const { yamlReach, yamlReader } = await import('./yaml.js');
  const read = yamlReader(given);
  return {
    open: (input, from) => openGroups(input, from, yamlReach),
    reader: async () => read,
    ...NOTHING_TO_SAY,
  };
}

export function csvFormat(given: Lists): RowFormat {
  const header = new CsvHeader();
  const read = csvReader(header, given);
  return {
    open: (input, from) => openCsv(input, from, header),
    reader: async () => read,
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

export async function passwordFormat(
  dialect: Dialect,
  aclFile: string | undefined,
  given: Lists,
): Promise<RowFormat> {
  const rules = aclFile === undefined ? undefined : await readAclFile(aclFile, dialect, given);
  return {
    ...lineFormat(passwordReader(given, dialect, rules)),
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
  const rules = new TopicRulesReader(dialect, topicMaxDepth);
  for await (const { texts, problems } of readLines(input.read(BEGINNING)))
    for (const [index, text] of texts.entries()) rules.push(text, problems.get(index));
  return rules.finish();
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
