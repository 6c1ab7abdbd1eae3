import { join } from 'node:path';
import { removeFile, stageFile } from '../../atomic-file.js';
import { notUnderstood, readAll, readJson } from '../operations/journal-file.js';
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
  /** The queues of the node before anything was changed; of the others too for a dead node. */
  readonly before: readonly Queue[];
  /** Set when somebody else had begun already, so that `before` is what was left by then. */
  readonly late?: true;
}

export interface LeaveJournal {
  read(node: string): Promise<LeaveRecord | undefined>;
  /** Writes the first record of a leave. @returns false when another process has just written one */
  create(record: LeaveRecord): Promise<boolean>;
  write(record: LeaveRecord): Promise<void>;
  remove(node: string): Promise<void>;
}

/** Those whose account has not been taken yet, and why each of the others cannot be read. */
export const listLeaves = (folder: string) => readAll(join(folder, 'leave'), readRecord);

/** One file per node in `folder`, written whole and synced, readable by its owner only. */
export function fileJournal(folder: string): LeaveJournal {
  const fileOf = (node: string) => join(folder, 'leave', `${encodeURIComponent(node)}.json`);
  return {
    read: (node) => readRecord(fileOf(node), node),
    create: async (record) => (await stageFile(fileOf(record.node), format(record))).create(),
    write: async (record) => (await stageFile(fileOf(record.node), format(record))).replace(),
    remove: async (node) => {
      await removeFile(fileOf(node));
    },
  };
}

const format = (record: LeaveRecord) => `${JSON.stringify(record)}\n`;

async function readRecord(path: string, node?: string): Promise<LeaveRecord | undefined> {
  const record = await readJson(path);
  if (record === undefined) return undefined;
  if (isRecord(record) && (node === undefined || record.node === node)) return record;
  throw notUnderstood(path, record, 'vmqctl.leave/1');
}

function isRecord(value: unknown): value is LeaveRecord {
  const record = value as Partial<LeaveRecord> | null;
  return (
    typeof record === 'object' &&
    record?.schema === 'vmqctl.leave/1' &&
    typeof record.node === 'string' &&
    (record.path === 'migrate' || record.path === 'remove') &&
    [record.sentAt, record.timeout].every(Number.isFinite) &&
    isListOf(record.survivors, (name) => typeof name === 'string') &&
    isListOf(record.before, isQueue)
  );
}

export const isListOf = (value: unknown, fits: (item: unknown) => boolean) =>
  Array.isArray(value) && value.every(fits);

export function isQueue(value: unknown): boolean {
  const queue = value as Partial<Queue> | null;
  const texts = [queue?.mountpoint, queue?.clientId, queue?.node];
  return texts.every((text) => typeof text === 'string') && Number.isFinite(queue?.messages);
}
