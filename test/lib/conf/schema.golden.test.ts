import { describe, expect, test } from 'vitest';
import { KEYS_BY_TYPE } from '../../../src/lib/conf/keys.js';
import { findKey } from '../../../src/lib/conf/schema.js';
import { accepts } from '../../../src/lib/conf/values.js';
import { BROKER_VERSIONS, goldenFile } from '../../support/golden.js';

interface RecordedKey {
  readonly key: string;
  readonly datatype: string;
  readonly default: string | null;
  readonly allowed?: readonly string[];
  readonly wildcardKey?: boolean;
}
interface RecordedKeys {
  readonly keys: readonly RecordedKey[];
  readonly freshConfUncommented: readonly string[];
}
interface Verdicts {
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

const recordedKeys = (version: string) => goldenFile(`conf-keys-${version}.json`) as RecordedKeys;
const recordedValues = goldenFile('conf-values.json') as {
  readonly types: Readonly<Record<string, Verdicts>>;
  readonly keys: Readonly<Record<string, Verdicts>>;
};
const inUse = (key: string) => key.replace(/\$\w+/g, 'name');
const typeOf = (key: string) => findKey(key)?.type ?? expect.fail(`${key} is not known`);
const verdict = (type: string, { accepted, refused }: Verdicts) => ({
  accepted: [...accepted, ...refused].filter((value) => accepts(type, value)),
  refused: [...accepted, ...refused].filter((value) => !accepts(type, value)),
});
const sorted = ({ accepted, refused }: Verdicts) => ({
  accepted: accepted.toSorted(),
  refused: refused.toSorted(),
});

describe.each(BROKER_VERSIONS)('the keys of %s', (version) => {
  const { keys, freshConfUncommented } = recordedKeys(version);

  test('are all known, as what they are, and no other of that version is', () => {
    const known = Object.values(KEYS_BY_TYPE)
      .flatMap((names) => names.trim().split(/\s+/))
      .filter((name) => version === '2.2.0' || findKey(name)?.since === '2.1.2');
    expect(known.toSorted()).toEqual(keys.map(({ key }) => key).toSorted());
    for (const { key } of keys) expect(findKey(inUse(key))?.name).toBe(key);
  });

  test('with free words are told apart: no key could be two of them', () => {
    const patterns = keys.filter(({ wildcardKey }) => wildcardKey).map(({ key }) => key.split('.'));
    const overlap = (one: readonly string[], other: readonly string[]) =>
      one.length === other.length &&
      one.every((word, index) => {
        const theirs = other[index] ?? '';
        return word === theirs || word.startsWith('$') || theirs.startsWith('$');
      });
    const alike = patterns.flatMap((one, index) =>
      patterns.slice(index + 1).filter((other) => overlap(one, other)),
    );
    expect(alike).toEqual([]);
  });

  test('take what the broker itself lists for them', () => {
    for (const { key, allowed = [] } of keys)
      for (const value of allowed) {
        // With any of these set to off, the broker does not start: see conf-values.json.
        if (/^listener\.(tcp|ws|http)\.proxy_protocol_use_cn_as_username$/.test(key) && value === 'off')
          continue;
        expect([key, value, accepts(typeOf(inUse(key)), value)]).toEqual([key, value, true]);
      }
  });

  test('are set to values that they take in a fresh file', () => {
    for (const line of freshConfUncommented.filter((each) => !each.startsWith('include '))) {
      const [key = '', value = ''] = line.split(' = ');
      expect([line, accepts(typeOf(key), value)]).toEqual([line, true]);
    }
  });
});

describe('what the broker says to a value', () => {
  // Which plugins are on decides about these: see lint.test.ts.
  const independent = Object.entries(recordedValues.keys).filter(([key]) => !/\.authz?_plugins$/.test(key));
  test.each(independent)('of %s', (key, verdicts) => {
    expect(sorted(verdict(typeOf(key), verdicts))).toEqual(sorted(verdicts));
  });

  test.each([
    ['[integer]', '<integer>'],
    ['[integer,{atom,infinity}]', 'infinity|<integer>'],
    ['[flag]', 'on|off'],
    ['[bytesize]', '<bytes>'],
    ['[ip]', '<address>'],
    ['[ip,domain_socket]', '<address>|<socket>'],
    ['[{percent,integer}]', '<percent>'],
    ['[{atom,off},{duration,ms}]', 'off|<duration>'],
    ['[{duration,m},{atom,unlimited}]', 'unlimited|<duration>'],
    ['[string]', '<any>'],
  ])('of the datatype %s', (datatype, type) => {
    const verdicts = recordedValues.types[datatype] ?? expect.fail('not recorded');
    expect(sorted(verdict(type, verdicts))).toEqual(sorted(verdicts));
  });
});
