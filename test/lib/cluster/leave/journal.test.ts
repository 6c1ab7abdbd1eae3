import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileJournal, type LeaveRecord, listLeaves } from '../../../../src/lib/cluster/leave/journal.js';

const record: LeaveRecord = {
  schema: 'vmqctl.leave/1',
  node: 'VerneMQ@172.16.16.13',
  path: 'migrate',
  survivors: ['VerneMQ@172.16.16.12'],
  sentAt: 1,
  timeout: 60,
  queueOut: 0,
  before: [
    {
      mountpoint: '',
      clientId: 'c/ü"',
      node: 'VerneMQ@172.16.16.13',
      online: false,
      clean: false,
      messages: 3,
    },
  ],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

const onlyFile = async () => join(folder, 'leave', (await readdir(join(folder, 'leave')))[0] ?? '');

describe('the journal of leaves', () => {
  it('gives back what was written', async () => {
    await fileJournal(folder).write(record);
    expect(await fileJournal(folder).read(record.node)).toEqual(record);
  });

  it('is readable by its owner only', async () => {
    await fileJournal(folder).write(record);
    expect((await stat(await onlyFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'leave'))).mode & 0o777).toBe(0o700);
  });

  it('has nothing on a node that nobody has sent away, and forgets without complaint', async () => {
    const journal = fileJournal(folder);
    expect(await journal.read('nobody@nowhere')).toBeUndefined();
    await journal.remove('nobody@nowhere');
  });

  it('keeps a node name that looks like a path inside its folder', async () => {
    await fileJournal(folder).write({ ...record, node: '../../x@y' });
    expect(await readdir(join(folder, 'leave'))).toHaveLength(1);
    expect(await readFile(await onlyFile(), 'utf8')).toContain('../../x@y');
  });

  it('can be listed with all others, and those that are broken are told', async () => {
    const journal = fileJournal(folder);
    expect(await listLeaves(folder)).toEqual({ records: [], unreadable: [] });
    await journal.write(record);
    await journal.write({ ...record, node: 'other@h' });
    await writeFile(join(folder, 'leave/%zz.json'), '{');
    const { records, unreadable } = await listLeaves(folder);
    expect(records.map(({ node }) => node).sort()).toEqual([record.node, 'other@h'].sort());
    expect(unreadable).toMatchObject([{ message: expect.stringContaining('%zz.json') }]);
  });

  it('is begun by one of two that begin at once', async () => {
    const journal = fileJournal(folder);
    const created = await Promise.all([journal.create(record), journal.create(record)]);
    expect(created.sort()).toEqual([false, true]);
  });

  it('is not taken for the record of another node', async () => {
    const journal = fileJournal(folder);
    await journal.write(record);
    await writeFile(await onlyFile(), JSON.stringify({ ...record, node: 'another@node' }));
    await expect(journal.read(record.node)).rejects.toMatchObject({ code: 'journal_unreadable' });
  });

  it.each([
    '{"schema":"vmqctl.leave/1","before":[]}',
    'null',
    '{"half":',
    '[]',
    '{"schema":"vmqctl.leave/9","before":[]}',
    '',
  ])('names a file that is broken: %j', async (text) => {
    const journal = fileJournal(folder);
    await journal.write(record);
    await writeFile(await onlyFile(), text);
    await expect(journal.read(record.node)).rejects.toMatchObject({
      kind: 'configuration',
      code: 'journal_unreadable',
    });
  });
});
