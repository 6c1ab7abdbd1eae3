import { patternProblem } from '../../pattern.js';

/** `mosquitto` and `vmq` have the same files, and read some lines of them differently. */
export type Dialect = 'mosquitto' | 'vmq';

/** The rules of an ACL file: what each user may do, and what the operator should know. */
export interface TopicRules {
  /** The patterns for a user, or why they cannot be written. */
  of(username: string): RuleLists | string;
  /** Users that have rules and were never asked for. */
  unused(): readonly string[];
  readonly remarks: readonly string[];
}

export interface RuleLists {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

interface Rule {
  readonly line: number;
  readonly access: 'read' | 'write' | 'readwrite';
  readonly pattern: string;
}

/** Rules that are given together, and the first one that no record can express. */
interface Section {
  readonly rules: Rule[];
  problem?: string;
}

const newSection = (): Section => ({ rules: [] });

/** Reads the lines of an ACL file. Of a user with a rule that no record can express, nothing is to be written. */
export function readTopicRules(lines: Iterable<string>, dialect: Dialect, maxDepth: number): TopicRules {
  const users = new Map<string, Section>();
  const general = newSection();
  const patterns = newSection();
  const remarks: string[] = [];
  let section = general;
  let number = 0;
  for (const line of lines) {
    number += 1;
    const [word, rest] = splitWord(line);
    if (word === '' || word.startsWith('#')) continue;
    if (word === 'user') {
      section = users.get(rest) ?? newSection();
      users.set(rest, section);
    } else if (word === 'topic' || word === 'pattern') {
      if (word === 'topic' && section === general && dialect === 'mosquitto')
        remarks.push(`line ${number} is for clients without a username: no record can say that`);
      else addRule(word === 'pattern' ? patterns : section, word, rest, number, dialect, maxDepth);
    } else section.problem ??= `line ${number} of the ACL file begins with no word that is known`;
  }
  return new ReadRules(users, general, patterns, [...remarks, ...clientRemarks(patterns)]);
}

class ReadRules implements TopicRules {
  private readonly asked = new Set<string>();

  constructor(
    private readonly users: ReadonlyMap<string, Section>,
    private readonly general: Section,
    private readonly patterns: Section,
    readonly remarks: readonly string[],
  ) {}

  of(username: string): RuleLists | string {
    const own = this.users.get(username);
    if (own) this.asked.add(username);
    const sections = [this.general, ...(own ? [own] : []), this.patterns];
    const problem = sections.find((section) => section.problem !== undefined)?.problem;
    if (problem !== undefined) return problem;
    const rules = sections.flatMap((section) => section.rules);
    return { publish: patternsOf(rules, 'write'), subscribe: patternsOf(rules, 'read') };
  }

  unused(): readonly string[] {
    return [...this.users.keys()].filter((username) => !this.asked.has(username));
  }
}

const patternsOf = (rules: readonly Rule[], wanted: 'read' | 'write'): string[] => [
  ...new Set(rules.filter(({ access }) => access.includes(wanted)).map(({ pattern }) => pattern)),
];

function addRule(
  section: Section,
  word: 'topic' | 'pattern',
  text: string,
  line: number,
  dialect: Dialect,
  maxDepth: number,
): void {
  const [access, rest] = splitWord(text);
  const isAccess = /^(read|write|readwrite|deny)$/.test(access) && rest !== '';
  const pattern = isAccess ? rest : text;
  const problem = ruleProblem(word, isAccess ? access : '', pattern, dialect, maxDepth);
  if (problem !== undefined) section.problem ??= `line ${line} of the ACL file ${problem}`;
  else section.rules.push({ line, access: accessOf(isAccess ? access : ''), pattern });
}

const accessOf = (access: string) => (access === 'read' || access === 'write' ? access : 'readwrite');

function ruleProblem(
  word: 'topic' | 'pattern',
  access: string,
  pattern: string,
  dialect: Dialect,
  maxDepth: number,
): string | undefined {
  if (dialect === 'vmq' && (access === 'readwrite' || access === 'deny'))
    return `says ${access}, which VerneMQ takes for a part of the topic`;
  if (access === 'deny') return 'denies, and a record can only grant';
  const levels = pattern.split('/');
  const replaced = levels.find((level) => /^%[cmu]$/.test(level) && !isVariable(level, word, dialect));
  if (replaced) return `means ${replaced} to the letter, and in a record it is replaced`;
  const within = levels.find((level) => /.%[cu]|%[cu]./.test(level));
  if (word === 'pattern' && dialect === 'mosquitto' && within)
    return `has %c or %u within a level, and in a record only whole levels are replaced: ${within}`;
  const problem = patternProblem(pattern, maxDepth);
  return problem && `has a topic that the broker rejects: it ${problem}`;
}

/** Whether the one who wrote it meant a name by it. */
const isVariable = (level: string, word: 'topic' | 'pattern', dialect: Dialect): boolean =>
  word === 'pattern' && (dialect === 'vmq' || level !== '%m');

const clientRemarks = ({ rules }: Section): string[] =>
  rules
    .filter(({ pattern }) => pattern.split('/').includes('%c'))
    .map(
      ({ line }) =>
        `line ${line} has %c: who knows the password can connect as + (or #, in the last level) and cover all ids, unless the broker restricts client ids`,
    );

/** The first word, and what follows the spaces after it. */
function splitWord(text: string): readonly [string, string] {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/);
  return end === -1 ? [trimmed, ''] : [trimmed.slice(0, end), trimmed.slice(end).trimStart()];
}
