import { ANY_CLIENT, type RecordName } from '../key.js';
import type { Action } from '../schema.js';
import type { Remark } from './finding.js';

/** What a valid pattern matches, or does not, that one would not expect. */
export function patternRemarks(
  entry: string,
  levels: readonly string[],
  action: Action,
  name: RecordName | undefined,
): readonly Remark[] {
  const field = `${entry}.pattern`;
  const remarks = [
    ...levels.map((level, index) => levelRemark(level, index === levels.length - 1, name)),
    ...(action === 'publish' ? publishRemarks(levels) : subscribeRemarks(levels)),
  ];
  return remarks.flatMap((remark) => (remark ? [{ ...remark, field }] : []));
}

function publishRemarks([first = '']: readonly string[]): Remark[] {
  if (!first.startsWith('$')) return [];
  return [
    {
      rule: 'reserved-topic',
      severity: 'error',
      message: 'never grants anything: the broker drops what clients publish to topics that begin with $',
      fix: 'Remove the entry.',
    },
  ];
}

function subscribeRemarks(levels: readonly string[]): Remark[] {
  const remarks: Remark[] = [];
  const [first] = levels;
  if (levels.at(-1) === '+') {
    const wider = [...levels.slice(0, -1), '#'].join('/');
    remarks.push({
      rule: 'plus-covers-hash',
      severity: 'warning',
      message: `also permits subscribing to ${wider}: the broker compares the # of a client with this + as if it were a level`,
      fix: 'Name the last level, or take it that all levels below are permitted.',
    });
  }
  if (first === '#' || first === '+') {
    remarks.push({
      rule: 'covers-system-topics',
      severity: 'info',
      message: `also covers ${first === '#' ? '$SYS/# and $share/GROUP/#' : 'topics below $SYS, where the levels fit'}`,
      fix: 'Begin with a level that has a name.',
    });
  }
  return remarks;
}

const VARIABLES = ['%c', '%u', '%m'];

function levelRemark(level: string, isLast: boolean, name: RecordName | undefined): Remark | undefined {
  if (!VARIABLES.includes(level)) return partialRemark(level);
  if (!name) return undefined;
  if (level === '%c' && name.clientId === ANY_CLIENT) return chosenByClient();
  return valueRemark(level, nameIn(level, name), isLast);
}

function nameIn(level: string, { clientId, username, mountpoint }: RecordName): string {
  if (level === '%c') return clientId;
  return level === '%u' ? username : mountpoint;
}

function partialRemark(level: string): Remark | undefined {
  const variable = VARIABLES.find((one) => level.toLowerCase().includes(one));
  if (variable === undefined) return undefined;
  return {
    rule: 'partial-variable',
    severity: 'warning',
    message: `has ${JSON.stringify(level)}, in which nothing is substituted: ${variable} must be a whole level`,
    fix: `Make ${variable} a level of its own.`,
  };
}

const chosenByClient = (): Remark => ({
  rule: 'client-chosen-level',
  severity: 'warning',
  message:
    'has %c in a record for any client: who knows the password can connect as + (or #, in the last level) and cover all ids',
  fix: 'Use %u, or restrict client ids on the broker.',
});

function valueRemark(level: string, value: string, isLast: boolean): Remark | undefined {
  if (value === '+' || (value === '#' && isLast)) {
    return {
      rule: 'name-is-wildcard',
      severity: 'error',
      message: `has ${level}, which is ${value} for this client: a wildcard`,
      fix: 'Use another name.',
    };
  }
  if (value.includes('/') || value === '#') {
    return {
      rule: 'name-never-matches',
      severity: 'error',
      message: `never matches: ${level} becomes a single level that holds ${value.includes('/') ? 'a slash' : '#'}`,
      fix: 'Write the topic out, or use another name.',
    };
  }
  if (value !== '') return undefined;
  return {
    rule: 'empty-level',
    severity: 'warning',
    message: `has ${level}, which is empty here: an empty level`,
    fix: `Leave ${level} out, or write the topic out.`,
  };
}
