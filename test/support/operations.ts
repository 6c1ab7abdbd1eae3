import type { Lock } from '../../src/lib/cluster/operations/lock.js';
import type { AuditedStore, OperationRecord } from '../../src/lib/cluster/operations/store.js';
import { Failure } from '../../src/lib/failure.js';

/** A store in memory, which keeps what it is given as a disk does: as text. */
export class FakeStore implements AuditedStore {
  readonly texts = new Map<string, string>();
  /** Files beside them that cannot be read. */
  failures: readonly Failure[] = [];
  /** Called after each write; what it throws ends the one who writes, as a kill does. */
  onWrite: (record: OperationRecord) => void = () => undefined;

  async read(id: string): Promise<OperationRecord | undefined> {
    const text = this.texts.get(id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async list(): Promise<OperationRecord[]> {
    const records = [...this.texts.values()].map((text): OperationRecord => JSON.parse(text));
    return records.sort((one, other) => other.startedAt - one.startedAt);
  }

  async unreadable(): Promise<readonly Failure[]> {
    return this.failures;
  }

  async write(record: OperationRecord): Promise<void> {
    this.texts.set(record.id, JSON.stringify(record));
    this.onWrite(record);
  }

  async remove(id: string): Promise<void> {
    this.texts.delete(id);
  }
}

/** Locks of one machine. */
export class FakeLocks {
  readonly held = new Set<string>();

  readonly acquire = async (key: string): Promise<Lock> => {
    if (this.held.has(key)) throw new Failure('safety', 'locked', `${key} is being worked on`);
    this.held.add(key);
    return { release: async () => void this.held.delete(key) };
  };

  /** All of them or none. */
  readonly acquireAll = async (keys: readonly string[]): Promise<Lock> => {
    const taken = keys.find((key) => this.held.has(key));
    if (taken !== undefined) throw new Failure('safety', 'locked', `${taken} is being worked on`);
    for (const key of keys) this.held.add(key);
    return { release: async () => keys.forEach((key) => void this.held.delete(key)) };
  };
}

/** Stands for a process that ends in the middle. */
export class Killed extends Error {}
