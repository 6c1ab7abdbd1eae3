import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure } from '../../failure.js';
import { stateFolder } from '../../state-folder.js';
import { type Action, LIST_OF } from '../action.js';
import { DEFAULT_TOPIC_MAX_DEPTH } from '../pattern.js';
import { formatRecord } from '../record-json.js';
import { type FormatName, openFormat } from './formats/format.js';
import type { RowFormat } from './formats/row-format.js';
import { bcryptHashing, noHashing } from './hashing.js';
import { type Input, openInput } from './input.js';
import { ImportJournal } from './journal.js';
import type { Checkpoint } from './journal-schema.js';
import type { Lists } from './lists.js';
import { RejectsFile } from './rejects.js';
import type { RunContext } from './run.js';

/** The flags of `acl import`, apart from those of Redis. */
export interface ImportFlags {
  readonly from?: FormatName | undefined;
  readonly 'acl-file'?: string | undefined;
  readonly publish?: readonly string[] | undefined;
  readonly subscribe?: readonly string[] | undefined;
  readonly 'keep-existing': boolean;
  readonly 'dry-run': boolean;
  readonly strict: boolean;
  readonly resume: boolean;
  readonly rejects?: string | undefined;
  readonly cost?: number | undefined;
  readonly 'hash-once': boolean;
  readonly 'topic-max-depth'?: number | undefined;
}

/** An import that can begin. */
export interface PreparedImport {
  readonly context: Omit<RunContext, 'store' | 'clock' | 'signal'>;
  /** In bytes, where it is known. */
  readonly size: number | undefined;
  /** What the operator should know of the input as a whole. */
  readonly remarks: readonly string[];
  /** The same at the end. */
  remarksAfter(): readonly string[];
  close(): Promise<void>;
}

/**
 * Makes an import of the command line.
 *
 * @param target the URL of the Redis, without a password
 * @throws Failure: usage, configuration, safety
 */
export async function prepareImport(
  name: string,
  flags: ImportFlags,
  target: string,
  { environment, stdin }: { readonly environment: NodeJS.ProcessEnv; readonly stdin: NodeJS.ReadStream },
): Promise<PreparedImport> {
  const given = await readLists(flags);
  const input = await openInput(name, stdin);
  const journal = await journalFor(input, target, environment);
  const resumed = flags.resume ? await resumedAt(journal, name) : undefined;
  const format = await openFormat(name, { name: flags.from, aclFile: flags['acl-file'] }, given);
  const rejects = await openRejects(flags, name, resumed, format);
  return {
    context: {
      open: (from) => format.open(input, from),
      reader: format.reader,
      hashing: flags['dry-run'] ? noHashing : bcryptHashing(flags.cost, flags['hash-once']),
      options: {
        keepExisting: flags['keep-existing'],
        dryRun: flags['dry-run'],
        strict: flags.strict,
      },
      // What changes nothing leaves nothing to go on with.
      journal: flags['dry-run'] ? undefined : journal,
      rejects,
      resumed,
    },
    size: input.file?.size,
    remarks: format.remarks,
    // What came before the place where it goes on is not known.
    remarksAfter: () => (resumed ? [] : format.remarksAfter()),
    close: async () => await rejects?.close(),
  };
}

async function readLists(flags: ImportFlags): Promise<Lists> {
  const topicMaxDepth = flags['topic-max-depth'] ?? DEFAULT_TOPIC_MAX_DEPTH;
  const text = async (action: Action) => {
    const texts = flags[action];
    if (!texts) return {};
    const { readEntries } = await import('../entry.js');
    const entries = readEntries(texts, {
      flag: `--${action}`,
      list: LIST_OF[action],
      action,
      maxDepth: topicMaxDepth,
    });
    return { [action]: `[${entries.map(formatRecord).join(',')}]` };
  };
  return { ...(await text('publish')), ...(await text('subscribe')), topicMaxDepth };
}

async function journalFor(
  { file }: Input,
  target: string,
  environment: NodeJS.ProcessEnv,
): Promise<ImportJournal | undefined> {
  if (!file) return undefined;
  const { path, size, modifiedAt } = file;
  return new ImportJournal(await stateFolder(environment), { file: path, size, modifiedAt, target });
}

async function resumedAt(journal: ImportJournal | undefined, name: string): Promise<Checkpoint> {
  if (!journal)
    throw new Failure(
      'usage',
      'cannot_resume',
      '--resume needs a file: what is piped in cannot be read twice',
      {
        hint: 'Import it again: rows that are in place are left as they are.',
      },
    );
  const checkpoint = await journal.read();
  if (checkpoint) return checkpoint;
  throw new Failure('usage', 'nothing_to_resume', `no import of ${name} into this Redis is unfinished`, {
    hint: 'Import it without --resume.',
  });
}

async function openRejects(
  { rejects, 'dry-run': dryRun }: ImportFlags,
  input: string,
  resumed: Checkpoint | undefined,
  { heading }: RowFormat,
): Promise<RejectsFile | undefined> {
  if (rejects === undefined) return undefined;
  if (dryRun)
    throw new Failure('usage', 'contradicting_flags', '--rejects and --dry-run contradict each other', {
      hint: 'A dry run names the rows that would fail, and writes nothing.',
    });
  if (input !== '-' && (await isSame(rejects, input)))
    throw new Failure('usage', 'contradicting_flags', '--rejects names the file that is imported');
  // Any other file is not of this import, and stays as it is.
  const kept = resumed?.rejectsFile === resolve(rejects) ? resumed.rejectsLength : undefined;
  return await RejectsFile.open(rejects, kept, heading);
}

const isSame = async (one: string, other: string): Promise<boolean> =>
  (await realpath(one).catch(() => one)) === (await realpath(other));
