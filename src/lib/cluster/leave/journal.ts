import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, stageFile } from '../../atomic-file.js';
import { Failure } from '../../failure.js';
import type { Queue } from '../queues.js';

/** What is on disk before a leave is sent, so that the same command can pick it up. It holds no secret. */
export interface LeaveRecord {
  readonly schema: 'vmqctl.leave/1';
  readonly node: string;
  readonly path: 'migrate' | 'remove';
  /** The members that stay: a record of another cluster is not mistaken for one of this. */
  readonly survivors: readonly string[];
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** Seconds that the broker waits for the sessions. */
  readonly timeout: number;
  /** The node's count of messages sent out of its queues when the leave was sent: what is above has moved since. */
  readonly queueOut: number | undefined;
  /** Set once the broker has answered, with the code of what it said. */
  readonly answer?: string;
  /** The queues of the node before anything was changed. */
  readonly before: readonly Queue[];
}

export interface LeaveJournal {
  read(node: string): Promise<LeaveRecord | undefined>;
  write(record: LeaveRecord): Promise<void>;
  remove(node: string): Promise<void>;
}

/** One file per node in `folder`, written whole and synced, readable by its owner only. */
export function fileJournal(folder: string): LeaveJournal {
  const fileOf = (node: string) => join(folder, 'leave', `${encodeURIComponent(node)}.json`);
  return {
    read: (node) => readRecord(fileOf(node)),
    write: async (record) => (await stageFile(fileOf(record.node), `${JSON.stringify(record)}\n`)).replace(),
    remove: async (node) => {
      await removeFile(fileOf(node));
    },
  };
}

async function readRecord(path: string): Promise<LeaveRecord | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  });
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as LeaveRecord;
    if (record.schema === 'vmqctl.leave/1' && Array.isArray(record.before)) return record;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, undefined);
}

const unreadable = (path: string, cause: unknown) =>
  new Failure('configuration', 'journal_unreadable', `the journal ${path} cannot be read`, {
    hint: 'Remove it if no leave of that node is going on.',
    cause,
  });
