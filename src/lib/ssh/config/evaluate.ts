import { Failure } from '../../failure.js';
import { matchesList } from '../pattern.js';
import { includedFiles, readConfigFile } from './include.js';
import { badLine, type Directive, parseLines } from './lines.js';

/** Keyword in lower case → its arguments, of the first line that applies; of identityfile, of all lines. */
export type Values = ReadonlyMap<string, readonly string[]>;

export interface Evaluation {
  /** In lower case. */
  readonly hostname: string;
  readonly values: Values;
}

export interface Source {
  readonly path: string;
  /** Where the relative paths of its Includes start. */
  readonly folder: string;
  /** The user's own: nobody else may write it. */
  readonly isPrivate: boolean;
}

export interface Subject {
  /** As the operator wrote it. */
  readonly host: string;
  readonly user: string | undefined;
  readonly localUser: string;
  readonly home: string;
}

/**
 * What an OpenSSH configuration says about a host (ssh_config(5)): the first value that applies wins.
 *
 * @throws Failure (configuration) for lines that cannot be read, and for a `Match` that would run a program
 */
export function evaluate(sources: readonly Source[], subject: Subject): Evaluation {
  const first = new Pass(subject, new Map(), subject.host, false);
  for (const source of sources) first.read(source, true, 0);
  const { values } = first;
  const hostname = first.hostname().toLowerCase();
  if (!first.wantsFinal) return { hostname, values };
  // `Match final`: all is read once more, now for the name that the host really has, which then stands.
  const final = new Pass(subject, new Map(values), hostname, true);
  for (const source of sources) final.read(source, true, 0);
  return { hostname, values: final.values };
}

const DEEPEST_INCLUDE = 16;

class Pass {
  wantsFinal = false;

  constructor(
    readonly subject: Subject,
    readonly values: Map<string, readonly string[]>,
    readonly host: string,
    readonly isFinal: boolean,
  ) {}

  read({ path, folder, isPrivate }: Source, isActive: boolean, depth: number): void {
    const text = readConfigFile(path, isPrivate);
    if (text === undefined) return;
    if (depth > DEEPEST_INCLUDE) throw badLine(path, 'is included too deeply');
    let applies = isActive;
    for (const directive of parseLines(text, path)) {
      if (directive.keyword === 'host') applies = isActive && matchesList(directive.arguments, this.host);
      else if (directive.keyword === 'match') applies = isActive && this.matches(directive);
      else if (!applies) continue;
      else if (directive.keyword === 'include') this.include(directive, { folder, isPrivate }, depth);
      else this.take(directive);
    }
  }

  /** What HostName makes of the name, as far as it is known by now. */
  hostname(): string {
    const [template = this.subject.host] = this.values.get('hostname') ?? [];
    return template.replace(/%([%h])/g, (_, letter) => (letter === 'h' ? this.subject.host : '%'));
  }

  private include({ arguments: patterns }: Directive, from: Omit<Source, 'path'>, depth: number): void {
    for (const pattern of patterns) {
      for (const path of includedFiles(pattern, from.folder, this.subject.home))
        this.read({ ...from, path }, true, depth + 1);
    }
  }

  private take({ keyword, arguments: words }: Directive): void {
    const known = this.values.get(keyword);
    if (keyword === 'identityfile') {
      this.values.set(keyword, [...new Set([...(known ?? []), ...words])]);
    } else if (known === undefined) this.values.set(keyword, words);
  }

  private matches({ arguments: words, where }: Directive): boolean {
    let isMatch = true;
    const rest = [...words];
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      const [, negation, name = '', inline] = /^(!?)([^=]+)(?:=(.*))?$/.exec(word) ?? [];
      const criterion = name.toLowerCase();
      const takesNone = criterion === 'all' || criterion === 'final' || criterion === 'canonical';
      const value = takesNone ? '' : (inline ?? rest.shift());
      if (value === undefined) throw badLine(where, `has no value for ${name}`);
      // ssh judges no further either, so what does not apply is run and refused by neither.
      if (isMatch) isMatch = this.meets(criterion, value, where) === (negation === '');
    }
    return isMatch;
  }

  private meets(criterion: string, value: string, where: string): boolean {
    const isIn = (text: string) => matchesList(value.split(','), text);
    // Names of hosts are the same in capitals here, unlike in `Host`.
    const isHostIn = (host: string) => matchesList(value.toLowerCase().split(','), host.toLowerCase());
    switch (criterion) {
      case 'all':
        return true;
      case 'canonical':
        return this.isFinal;
      case 'final':
        this.wantsFinal = true;
        return this.isFinal;
      case 'host':
        return isHostIn(this.isFinal ? this.host : this.hostname());
      case 'originalhost':
        return isHostIn(this.subject.host);
      case 'user':
        return isIn(this.subject.user ?? this.values.get('user')?.[0] ?? this.subject.localUser);
      case 'localuser':
        return isIn(this.subject.localUser);
      default:
        throw notSupported(`Match ${criterion}`, where, this.subject.host);
    }
  }
}

/** What ssh would do and we do not is never passed over: the connection would be another one. */
export const notSupported = (what: string, where: string, host: string): Failure =>
  new Failure(
    'configuration',
    'ssh_config_not_supported',
    `vmqctl does not support ${what}, which ${where} has for ${host}`,
    {
      hint: 'Give this host a Host section without it, or name the host by an address that the line does not fit.',
    },
  );
