import { expect, it } from 'vitest';
import { parseMigrated } from '../../../../src/lib/cluster/leave/migrated.js';

it('a line of progress has four counts', () => {
  expect(parseMigrated('Migrated 12/50 queues and 60/250 messages')).toEqual({
    queues: 12,
    allQueues: 50,
    messages: 60,
    allMessages: 250,
  });
});

it.each([
  'Done',
  '',
  'Migrated 1/x queues and 2/3 messages',
  'Migrated 1/2 queues and 3/4 messages, perhaps',
  'not Migrated 1/2 queues and 3/4 messages',
])('any other line is none: %j', (line) => {
  expect(parseMigrated(line)).toBeUndefined();
});
