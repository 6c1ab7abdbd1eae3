import type {
  AclStore,
  Decision,
  Exchange,
  ExchangeOutcome,
  NewText,
  PackedRecords,
  ScannedKey,
  StoredValue,
} from '../../../src/lib/acl/store.js';

/** A store that holds its texts in memory, and notes what was written. */
export class MemoryStore implements AclStore {
  readonly values = new Map<string, StoredValue>();
  readonly written: string[] = [];
  /** Called between reading and writing, as another writer would come in between. */
  interfere: ((key: string) => void) | undefined;

  constructor(texts: Readonly<Record<string, string>> = {}) {
    for (const [key, text] of Object.entries(texts)) this.values.set(key, { kind: 'text', text });
  }

  async get(key: string): Promise<string | undefined> {
    const value = this.values.get(key);
    return value?.kind === 'text' ? value.text : undefined;
  }

  async exists(key: string): Promise<boolean> {
    return this.values.has(key);
  }

  async update<D extends Decision>(key: string, decide: (current: string | undefined) => D): Promise<D> {
    for (;;) {
      const before = await this.get(key);
      const decision = decide(before);
      this.interfere?.(key);
      if ((await this.get(key)) !== before) continue;
      if (decision.write !== undefined) await this.put(key, decision.write);
      return decision;
    }
  }

  async put(key: string, text: string): Promise<boolean> {
    const existed = this.values.has(key);
    this.values.set(key, { kind: 'text', text });
    this.written.push(key);
    return existed;
  }

  async putAll(records: readonly NewText[], _inPlace?: readonly string[]): Promise<void> {
    for (const { key, text } of records) await this.put(key, text);
  }

  async createAll(records: readonly Pick<NewText, 'key' | 'text'>[]): Promise<boolean> {
    if (records.some(({ key }) => this.values.has(key))) return false;
    for (const { key, text } of records) await this.put(key, text);
    return true;
  }

  async exchange(exchanges: readonly Exchange[]): Promise<ExchangeOutcome[]> {
    return exchanges.map(({ key, found, write }) => {
      this.interfere?.(key);
      const value = this.values.get(key);
      const holds = (text: string | null) =>
        text === null ? value === undefined : value?.kind === 'text' && value.text === text;
      if (!holds(found)) return holds(write) ? 'already' : 'moved';
      if (write === null) this.values.delete(key);
      else this.values.set(key, { kind: 'text', text: write });
      this.written.push(key);
      return 'written';
    });
  }

  async createPacked(records: PackedRecords): Promise<boolean> {
    const [name, ...texts] = readArguments(records.asCommand('MSETNX'));
    if (name !== 'MSETNX' || texts.length !== 2 * records.count) throw new Error('not such a command');
    return await this.createAll(
      Array.from({ length: records.count }, (_, at) => ({
        key: texts[2 * at] ?? '',
        text: texts[2 * at + 1] ?? '',
      })),
    );
  }

  async rename(from: string, to: string): Promise<'renamed' | 'taken' | 'gone'> {
    const value = this.values.get(from);
    if (!value) return 'gone';
    if (this.values.has(to)) return 'taken';
    this.values.delete(from);
    this.values.set(to, value);
    return 'renamed';
  }

  async remove(key: string): Promise<boolean> {
    return this.values.delete(key);
  }

  async *scan(): AsyncGenerator<readonly ScannedKey[]> {
    const keys = [...this.values.keys()].filter((key) => key.startsWith('['));
    for (let at = 0; at < keys.length; at += 2) {
      yield keys.slice(at, at + 2).map((key) => ({ key, isUtf8: !key.includes('\ufffd') }));
    }
  }

  async read(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]> {
    return keys.map((key) => this.values.get(key));
  }

  async readStrings(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]> {
    const values = await this.read(keys);
    return values.map((value) => (value?.kind === 'wrong-type' ? undefined : value));
  }

  close(): void {}
}

/** What a command of the protocol of Redis consists of. */
export function readArguments(command: Buffer): string[] {
  const lineAt = (at: number) => {
    const end = command.indexOf('\r\n', at);
    return {
      sign: command.toString('utf8', at, at + 1),
      number: Number(command.toString('utf8', at + 1, end)),
      end: end + 2,
    };
  };
  const head = lineAt(0);
  if (head.sign !== '*') throw new Error('no list of arguments');
  const found: string[] = [];
  let at = head.end;
  for (let index = 0; index < head.number; index += 1) {
    const { sign, number, end } = lineAt(at);
    at = end + number + 2;
    if (sign !== '$' || command.toString('utf8', at - 2, at) !== '\r\n')
      throw new Error(`bad argument ${index}`);
    found.push(command.toString('utf8', end, end + number));
  }
  if (at !== command.length) throw new Error('more than its arguments');
  return found;
}
