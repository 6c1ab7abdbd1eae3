import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertWhole, readDesired } from '../../../../src/lib/acl/plan/desired.js';
import { HASH } from './planning.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-desired-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const file = (name: string, text: string) => writeFile(join(folder, name), text);
const row = (client: string) => `{"client_id":"${client}","username":"u","passhash":"${HASH}"}\n`;
const read = (name = '') => readDesired(join(folder, name), {});

describe('desired records', () => {
  it('are those of all files of a folder, in the order of names, whatever their format', async () => {
    await file('b.yaml', `- client_id: c\n  username: u\n  passhash: ${HASH}\n`);
    await file('c.csv', `client_id,username,passhash\r\nd,u,${HASH}\r\n`);
    await file('a.ndjson', `${row('a')}\n${row('b')}`);
    await file('.hidden', 'not read');
    const { records, faults } = await read();
    expect(faults).toEqual([]);
    expect(
      records.map(({ row: { key }, file: name, line }) => [key, name.slice(folder.length + 1), line]),
    ).toEqual([
      ['["","a","u"]', 'a.ndjson', 1],
      ['["","b","u"]', 'a.ndjson', 3],
      ['["","c","u"]', 'b.yaml', 1],
      ['["","d","u"]', 'c.csv', 2],
    ]);
  });

  it('have all their faults named at once: bad rows, the same record twice, files that are none', async () => {
    await file('a.ndjson', `${row('a')}no JSON\n${row('a')}`);
    await file('b.csv', 'wrong,header\n');
    await file('c.ndjson', row('a'));
    await file('notes.txt', 'hello');
    await mkdir(join(folder, 'sub'));
    const { faults } = await read();
    expect(
      faults.map(({ file: name, line, why }) => `${name.slice(folder.length + 1)} ${line} ${why}`),
    ).toEqual([
      expect.stringMatching(/^notes.txt null its extension/),
      expect.stringMatching(/^sub null it is no file/),
      expect.stringMatching(/^a.ndjson 2 it is not JSON/),
      expect.stringMatching(/^a.ndjson 3 \["","a","u"\] is desired already in .*a.ndjson:1$/),
      expect.stringMatching(/^b.csv null the first row does not name the columns/),
      expect.stringMatching(/^c.ndjson 1 \["","a","u"\] is desired already in .*a.ndjson:1$/),
    ]);
    expect(() => assertWhole(faults)).toThrow(/nothing is planned: .*notes.txt: .*, and 5 more/);
    expect(() => assertWhole([])).not.toThrow();
  });

  it('that cannot be read at all are a failure', async () => {
    await expect(read('nowhere')).rejects.toMatchObject({ kind: 'configuration', code: 'unreadable_file' });
  });
});
