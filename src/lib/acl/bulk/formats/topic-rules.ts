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
  readonly access: 'read' | 'write' | 'readwrite' | 'deny';
  readonly pattern: string;
}

/** Rules that are given together, and the first one that no record can express. */
interface Section {
  readonly rules: Rule[];
  problem?: string;
}

const newSection = (): Section => ({ rules: [] });

/** Reads an ACL file line by line. Of a user with a rule that no record can express, nothing is to be written. */
export class TopicRulesReader {
  private readonly users = new Map<string, Section>();
  private readonly general = newSection();
  private readonly patterns = newSection();
  private readonly remarks: string[] = [];
  private section = this.general;
  private line = 0;

  constructor(
    private readonly dialect: Dialect,
    private readonly maxDepth: number,
  ) {}

  /** @param unreadable why the line cannot be read, where it cannot; then its text has only its first characters */
  push(text: string, unreadable?: string): void {
    this.line += 1;
    if (unreadable !== undefined) this.pushUnreadable(text, unreadable);
    else this.pushLine(text);
  }

  finish(): TopicRules {
    const { users, general, patterns, remarks } = this;
    return new ReadRules(users, general, patterns, [...remarks, ...clientRemarks(patterns)]);
  }

  private pushLine(text: string): void {
    const [word, rest] = splitWord(text);
    if (word === '' || word.startsWith('#')) return;
    if (word === 'user') {
      this.section = this.users.get(rest) ?? newSection();
      this.users.set(rest, this.section);
    } else if (word === 'topic' || word === 'pattern') this.pushRule(word, text);
    else this.section.problem ??= `line ${this.line} of the ACL file begins with no word that is known`;
  }

  /** Whom it concerns is told by its beginning; of a user's name, nobody knows whose rules come next. */
  private pushUnreadable(beginning: string, why: string): void {
    if (beginning.startsWith('#')) return;
    const section = beginning === 'to' ? this.section : this.general;
    section.problem ??= `line ${this.line} of the ACL file cannot be read: ${why}`;
  }

  private pushRule(word: RuleWord, text: string): void {
    const { dialect, line, maxDepth } = this;
    if (word === 'topic' && this.section === this.general && dialect === 'mosquitto') {
      this.remarks.push(`line ${line} is for clients without a username: no record can say that`);
      return;
    }
    const section = word === 'pattern' ? this.patterns : this.section;
    const rule = { ...readRule(text, dialect), line };
    const problem = ruleProblem(word, rule, dialect);
    const rejected = patternProblem(rule.pattern, maxDepth);
    if (problem !== undefined) section.problem ??= `line ${line} of the ACL file ${problem}`;
    else if (rejected === undefined) section.rules.push(rule);
    else if (dialect === 'vmq') this.remarks.push(`line ${line} counts for nothing: its topic ${rejected}`);
    else
      section.problem ??= `line ${line} of the ACL file has a topic that the broker rejects: it ${rejected}`;
    if (dialect === 'mosquitto' && coversSystem(rule))
      this.remarks.push(
        `line ${line} covers topics that begin with $, too ($SYS/#), which mosquitto does not count to ${rule.pattern}`,
      );
  }
}

type RuleWord = 'topic' | 'pattern';

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

/** VerneMQ knows `read` and `write` with one space on either side, and takes all else for the topic. */
function readRule(text: string, dialect: Dialect): Omit<Rule, 'line'> {
  const [, rest] = splitWord(text);
  const [access, topic] = splitWord(rest);
  const isAccess = dialect === 'vmq' ? VMQ_ACCESS.test(text.trimStart()) : MOSQUITTO_ACCESS.test(access);
  if (!isAccess || topic === '') return { access: 'readwrite', pattern: rest };
  return { access: access as Rule['access'], pattern: topic };
}

const VMQ_ACCESS = /^(topic|pattern) (read|write) /;
const MOSQUITTO_ACCESS = /^(read|write|readwrite|deny)$/;

function ruleProblem(word: RuleWord, { access, pattern }: Omit<Rule, 'line'>, dialect: Dialect) {
  if (access === 'deny') return 'denies, and a record can only grant';
  const [first, rest] = splitWord(pattern);
  if (dialect === 'vmq' && MOSQUITTO_ACCESS.test(first) && rest !== '')
    return `says ${first}, which VerneMQ takes for a part of the topic, as it stands there`;
  const levels = pattern.split('/');
  const replaced = levels.find((level) => /^%[cmu]$/.test(level) && !isVariable(level, word, dialect));
  if (replaced) return `means ${replaced} to the letter, and in a record it is replaced`;
  const within = levels.find((level) => /.%[cu]|%[cu]./.test(level));
  if (word === 'pattern' && dialect === 'mosquitto' && within)
    return `has %c or %u within a level, and in a record only whole levels are replaced: ${within}`;
  return undefined;
}

/** In a record, wildcards in the first level stand for a `$` there, too. Nobody publishes to such topics. */
const coversSystem = ({ access, pattern }: Omit<Rule, 'line'>): boolean =>
  access !== 'write' && /^[+#](\/|$)/.test(pattern);

/** Whether the one who wrote it meant a name by it. */
const isVariable = (level: string, word: RuleWord, dialect: Dialect): boolean =>
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
