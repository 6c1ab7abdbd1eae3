import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, stageFile } from '../atomic-file.js';
import { notUnderstood, readAll, readJson } from '../cluster/operations/journal-file.js';
import type { Failure } from '../failure.js';
import type { Protocol } from './client.js';

const SCHEMA = 'vmqctl.probe-journal/1';

/** What a probe may have left behind, on disk before it is made. It holds no secret. */
export interface ProbeJournal {
  readonly schema: typeof SCHEMA;
  readonly id: string;
  readonly prefix: string;
  readonly protocol: Protocol;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** In the order of the numbers in client ids and topics. */
  readonly urls: readonly string[];
  readonly caFile: string | null;
  readonly retained: boolean;
  readonly sessions: boolean;
  /** Where it has set records. */
  readonly records: { readonly redis: string; readonly mountpoint: string } | null;
}

export const emptyJournal = (
  facts: Pick<ProbeJournal, 'id' | 'prefix' | 'protocol' | 'startedAt' | 'urls' | 'caFile'>,
): ProbeJournal => ({ schema: SCHEMA, ...facts, retained: false, sessions: false, records: null });

export const isClean = ({ retained, sessions, records }: ProbeJournal): boolean =>
  !retained && !sessions && records === null;

export interface ProbeJournals {
  read(id: string): Promise<ProbeJournal | undefined>;
  list(): Promise<{ readonly records: readonly ProbeJournal[]; readonly unreadable: readonly Failure[] }>;
  /** On return it is on disk. */
  write(journal: ProbeJournal): Promise<void>;
  remove(id: string): Promise<void>;
}

/** One file per probe in `folder`, written whole and synced, readable by its owner only. */
export function fileJournals(folder: string): ProbeJournals {
  const home = join(folder, 'probes');
  const fileOf = (id: string) => join(home, `${encodeURIComponent(id)}.json`);
  return {
    read: (id) => readJournal(fileOf(id)),
    list: () => readAll(home, readJournal),
    write: async (journal) => (await stageFile(fileOf(journal.id), `${JSON.stringify(journal)}\n`)).replace(),
    remove: async (id) => {
      await removeFile(fileOf(id));
      for (const name of await stagedOf(home, id)) await removeFile(join(home, name));
    },
  };
}

/** A probe that is killed while it writes its journal leaves that half-written under another name: see `stageFile`. */
async function stagedOf(home: string, id: string): Promise<string[]> {
  const names = await readdir(home).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name.startsWith(`.${encodeURIComponent(id)}.json.`) && name.endsWith('.tmp'));
}

async function readJournal(path: string): Promise<ProbeJournal | undefined> {
  const journal = await readJson(path);
  if (journal === undefined) return undefined;
  if (isJournal(journal)) return journal;
  throw notUnderstood(path, journal, SCHEMA);
}

function isJournal(value: unknown): value is ProbeJournal {
  const journal = value as Partial<ProbeJournal> | null;
  return (
    typeof journal === 'object' &&
    journal?.schema === SCHEMA &&
    [journal.id, journal.prefix, ...(journal.urls ?? [null])].every((text) => typeof text === 'string') &&
    (journal.protocol === '3.1.1' || journal.protocol === '5') &&
    Number.isFinite(journal.startedAt) &&
    (journal.caFile === null || typeof journal.caFile === 'string') &&
    (journal.records === null || typeof journal.records?.redis === 'string')
  );
}
