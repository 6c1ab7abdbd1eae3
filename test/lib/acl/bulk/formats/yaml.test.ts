import { describe, expect, it } from 'vitest';
import { formatOf, inputOf, readAll } from './input.js';

const read = async (text: string | Uint8Array) => (await readAll(await formatOf('yaml'), inputOf(text))).told;

describe('an item of YAML', () => {
  it('has its line, however it is written and whatever stands between', async () => {
    const text = `# users
---
- client_id: a
  username: u
  password: p
  publish_acl:
    - x/#
    - pattern: y
      max_qos: 1

# another one
-
  client_id: b
  username: "0101"
  password: p
- { client_id: c, username: 0101,
    password: p }
- client_id: |
    d
    e
  username: u
  password: p
...
`;
    expect(await read(text)).toEqual([
      '3 ["","a","u"]',
      '12 ["","b","0101"]',
      '16 ["","c","0101"]',
      '18 ["","d\\ne\\n","u"]',
    ]);
  });

  it.each([
    ['- client_id: 7\n  username: u', /client_id must be a string/],
    ['- client_id: a\n  client_id: b', /it is not YAML: duplicated mapping key \(line 2 of the item\)/],
    ['- client_id: &a x\n  username: *a', /it is not YAML/],
    [
      '- client_id: a\n  password: *s3cret',
      /it is not YAML: it has an alias, and each item is read by itself$/,
    ],
    ['- client_id: [a', /it is not YAML/],

    ['- a', /it is not a mapping/],
    ['- - a', /it is not a mapping/],
    ['-', /it is not a mapping/],
    ['- client_id: a\n  passwort: b', /passwort is no field of a row/],
    ['- client_id: !!binary YQ==\n  username: u', /it is not YAML/],
  ])('that is broken is told, and the ones around it are read: %s', async (item, why) => {
    const good = '{username: u, password: p, client_id: ';
    const told = await read(`- ${good}x}\n${item}\n- ${good}y}\n`);
    expect(told).toEqual([
      '1 ["","x","u"]',
      expect.stringMatching(why),
      expect.stringMatching(/ \["","y","u"\]$/),
    ]);
    expect(told[1]).toMatch(/^2: /);
  });

  it('that is nested too deeply is told', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(await read(`- ${deep}\n- {client_id: b, publish_acl: ${deep}}\n`)).toEqual([
      expect.stringMatching(/^1: it is not YAML/),
      expect.stringMatching(/^2: it is not YAML/),
    ]);
  });

  it('is not read without a line that cannot be', async () => {
    const bytes = Buffer.concat([
      Buffer.from('- client_id: a\n  username: u\n  password: p\n  publish_acl: '),
      Buffer.from([0xff, 0x0a]),
      Buffer.from('- {client_id: b, username: u, password: p}\n'),
    ]);
    expect(await read(bytes)).toEqual(['1: a line of it is not UTF-8, or is too long', '5 ["","b","u"]']);
  });

  it.each(['users:\n  - client_id: a\n', '{"client_id":"a"}\n', ' - client_id: a\n   username: u\n'])(
    'begins in the first column: %j',
    async (text) => {
      expect(await read(text)).toEqual([expect.stringMatching(/^1: it belongs to no item/)]);
    },
  );

  it('keeps all digits of a number', async () => {
    const format = await formatOf('yaml');
    const text =
      '- client_id: c\n  username: u\n  publish_acl: [{pattern: a, modifiers: {properties: {n: 12345678901234567890}}}]';
    const reading = (await format.reader())(text);
    expect(reading?.ok && reading.row.lists.publish).toContain('{"n":12345678901234567890}');
  });
});
