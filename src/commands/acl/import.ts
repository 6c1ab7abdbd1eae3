import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { PreparedImport } from '../../lib/acl/bulk/request.js';
import { AclCommand } from '../../lib/cli/acl-command.js';
import { exitCodeOf } from '../../lib/cli/errors.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { keepHeapSmall } from '../../lib/cli/small-heap.js';
import { systemClock } from '../../lib/clock.js';

const entryFlag = (what: string) =>
  Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'ENTRY',
    summary: `What clients may ${what}, where a row does not name it; %m, %c and %u stand for their names.`,
  });

export default class AclImport extends AclCommand {
  static override summary = 'Write user records from a file, however many there are.';
  static override description =
    'A row of NDJSON, CSV (with a header) or YAML (a list) has the fields mountpoint (the default one if missing), client_id, username, passhash or password, publish_acl and subscribe_acl. An entry of a list is a pattern or an object such as {"pattern":"a/#","max_qos":1}; a cell of CSV is such a list as JSON, or patterns with semicolons between them. The password files of mosquitto and VerneMQ have users for any client id, and --acl-file what they may do. A row is the whole record, but that it keeps its passhash where the row names neither that nor a password. Rows that cannot be used are named and do not stop the others. What is interrupted goes on with --resume. Exit codes: 0 all rows are in place, 65 some failed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> users.ndjson --dry-run',
    "<%= config.bin %> <%= command.id %> users.ndjson --publish 'dev/%c/#' --subscribe 'cmd/%c/#' --rejects rejects.ndjson",
    '<%= config.bin %> <%= command.id %> users.ndjson --resume',
    '<%= config.bin %> <%= command.id %> vmq.passwd --from vmq --acl-file vmq.acl --dry-run',
  ];
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'Rows; - for standard input.' }),
  };
  static override words = {};
  static override flags = {
    from: Flags.option({
      options: ['ndjson', 'csv', 'yaml', 'mosquitto', 'vmq'] as const,
      summary:
        'What FILE is. By default its extension says it: .csv, .yaml, .yml, and NDJSON for all others.',
    })(),
    'acl-file': Flags.string({
      helpValue: 'FILE',
      summary: 'The ACL file that goes with the password file of mosquitto or VerneMQ.',
    }),
    publish: entryFlag('publish'),
    subscribe: entryFlag('subscribe to'),
    'keep-existing': Flags.boolean({ summary: 'Leave records as they are that are there.' }),
    strict: Flags.boolean({ summary: 'End at the first row that fails.' }),
    rejects: Flags.string({
      helpValue: 'FILE',
      summary: 'A new file for the rows that fail, to be mended and imported again.',
    }),
    resume: Flags.boolean({ summary: 'Go on where the last import of this file was interrupted.' }),
    'wait-replicas': Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'Count rows as written only when N replicas have them, so that a fail-over loses none.',
    }),
    cost: Flags.integer({
      min: 4,
      max: 31,
      helpValue: 'N',
      summary: 'The bcrypt cost of passwords, 12 by default. Each step doubles the work.',
    }),
    'hash-once': Flags.boolean({
      summary: 'Hash each distinct password once; equal ones then show as such in Redis.',
    }),
    'topic-max-depth': Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'topic_max_depth of the brokers, where it is not 10.',
    }),
    'dry-run': Flags.boolean({ summary: 'Say what would become of the rows, and write nothing.' }),
  };

  private prepared: PreparedImport | undefined;

  async run(): Promise<void> {
    const { flags, args } = await this.input(AclImport);
    const waitReplicas = flags['wait-replicas'];
    // An import may take less time than all of this takes one after the other.
    const [{ store, url }, { prepareImport }, { runImport }, { writeImport }, { openRecordStream }, views] =
      await Promise.all([
        this.openNamedStore(flags, { waitReplicas }),
        import('../../lib/acl/bulk/request.js'),
        import('../../lib/acl/bulk/run.js'),
        import('../../lib/cli/acl-import-output.js'),
        import('../../lib/cli/record-stream.js'),
        import('../../lib/cli/views/acl-import.js'),
      ]);
    const { importShape, importSummary } = views;
    // Not before everything is loaded, which stays.
    keepHeapSmall();
    const surroundings = { environment: process.env, stdin: process.stdin };
    this.prepared = await prepareImport(args[0] ?? '-', flags, url, surroundings);
    const { context, size, remarks, remarksAfter } = this.prepared;
    await this.tellRemarks(remarks);
    const steps = runImport({ ...context, store, clock: systemClock, signal: this.interrupted });
    const stream = await openRecordStream(importShape, this.wantedFormat, this.streams);
    const { totals, unkept, failure, told } = await writeImport(steps, stream, this.streams, size);
    if (flags.rejects !== undefined && unkept > 0) await this.tellRemarks([notKept(unkept, flags.rejects)]);
    if (!failure && !told) await this.tellRemarks(remarksAfter());
    if (!stream.isDocument) await this.tell(importSummary(totals, flags['dry-run']), 'dim');
    if (failure) throw failure;
    if (told) process.exitCode = exitCodeOf(told);
    else if (totals.failed > 0) process.exitCode = EXIT_CODES.data;
  }

  private async tellRemarks(remarks: readonly string[]): Promise<void> {
    for (const remark of remarks) await this.tell(`warning: ${remark}`, 'warning');
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    await this.prepared?.close();
    await super.finally(error);
  }
}

const notKept = (count: number, file: string) =>
  `${count} of the rows that failed ${count === 1 ? 'is' : 'are'} not in ${file}: what is too long, not UTF-8 or no row at all stays in the input`;
