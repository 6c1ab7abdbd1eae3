import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, stageFile } from '../../atomic-file.js';
import type { Failure } from '../../failure.js';
import { damaged, notUnderstood, readAll, readJson } from './journal-file.js';

export const KINDS = ['leave', 'join', 'reap', 'roll'] as const;
export type OperationKind = (typeof KINDS)[number];
export const OUTCOMES = ['running', 'done', 'failed', 'aborted'] as const;

/**
 * What is on disk of an operation before each of its steps is taken, so that another shell can go on with it. It holds no
 * secret.
 */
export interface OperationRecord<State = unknown> {
  readonly schema: 'vmqctl.operation/1';
  readonly id: string;
  readonly kind: OperationKind;
  /** The node or nodes that it is about. */
  readonly subjects: readonly string[];
  /** The members of the cluster when it began: another cluster may have nodes of the same names. */
  readonly members: readonly string[];
  /** The step that is being taken. */
  readonly phase: string;
  readonly outcome: (typeof OUTCOMES)[number];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly updatedAt: number;
  /** One line: how far it has come, or how it ended. */
  readonly summary: string;
  /** What the operation itself needs to go on. */
  readonly state: State;
}

export interface OperationStore {
  /** @throws Failure (configuration) for one that cannot be read */
  read(id: string): Promise<OperationRecord | undefined>;
  /** Those that can be read, the newest first. */
  list(): Promise<OperationRecord[]>;
  /** On return it is on disk. */
  write(record: OperationRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface AuditedStore extends OperationStore {
  /** Why those that are not in the list cannot be read: an operator who is not told takes them for never begun. */
  unreadable(): Promise<readonly Failure[]>;
}

export interface StockStore extends OperationStore {
  /** What an operation has found at its beginning and needs at its end: too much to be written with each step. */
  keep(id: string, stock: unknown): Promise<void>;
  kept(id: string): Promise<unknown>;
}

/** One file per operation in `folder`, written whole and synced, readable by its owner only. */
export function fileStore(folder: string): StockStore & AuditedStore {
  const home = join(folder, 'operations');
  const stockOf = (id: string) => join(home, `${encodeURIComponent(id)}.stock`);
  const fileOf = (id: string) => join(home, `${encodeURIComponent(id)}.json`);
  return {
    read: (id) => readRecord(fileOf(id)),
    list: async () =>
      (await readAll(home, readRecord)).records.sort((one, other) => other.startedAt - one.startedAt),
    unreadable: async () => (await readAll(home, readRecord)).unreadable,
    write: async (record) => (await stageFile(fileOf(record.id), `${JSON.stringify(record)}\n`)).replace(),
    remove: async (id) => {
      await removeFile(fileOf(id));
      await removeFile(stockOf(id));
    },
    keep: async (id, stock) => (await stageFile(stockOf(id), `${JSON.stringify(stock)}\n`)).replace(),
    kept: (id) => readStock(stockOf(id)),
  };
}

/** Such as `leave-VerneMQ@172.16.16.13-20261122T180509Z`: sorts by time, and can be typed. */
export const operationId = (kind: OperationKind, subject: string, now: number): string =>
  `${kind}-${subject}-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;

async function readRecord(path: string): Promise<OperationRecord | undefined> {
  const record = await readJson(path);
  if (record === undefined) return undefined;
  if (isRecord(record)) return record;
  throw notUnderstood(path, record, 'vmqctl.operation/1');
}

async function readStock(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw damaged(path, error);
  }
}

function isRecord(value: unknown): value is OperationRecord {
  const record = value as Partial<OperationRecord> | null;
  return (
    typeof record === 'object' &&
    record?.schema === 'vmqctl.operation/1' &&
    KINDS.some((kind) => kind === record.kind) &&
    OUTCOMES.some((outcome) => outcome === record.outcome) &&
    [record.id, record.phase, record.summary].every(isText) &&
    [record.startedAt, record.updatedAt].every(
      (time) => !Number.isNaN(new Date(time ?? Number.NaN).getTime()),
    ) &&
    [record.subjects, record.members].every((list) => Array.isArray(list) && list.every(isText))
  );
}

const isText = (value: unknown) => typeof value === 'string';
