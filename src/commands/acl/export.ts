import * as Flags from '@oclif/core/flags';
import { AclCommand, nameFlags } from '../../lib/cli/acl-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { Failure } from '../../lib/failure.js';

export default class AclExport extends AclCommand {
  static override summary = 'Write the user records to stdout, so that acl import gives the same ones back.';
  static override description =
    'The rows have the passhashes in them: whoever reads the file can try passwords on them. A terminal gets them only with --reveal-passhash. Records come page by page with SCAN, however many there are; while Redis grows or shrinks one may come twice, which does an import no harm. What an import would not give back as it is (broken records, members that no row has, $2b$ hashes) is left out and named on stderr. A list that is missing becomes an empty one, which the broker reads alike; times to live are not exported. CSV has its cells to the byte: a spreadsheet takes those that begin with = + - @ for formulas. Exit codes: 0 all records were exported, 65 some were left out.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> > users.ndjson',
    '<%= config.bin %> <%= command.id %> username=101 --to csv > users.csv',
  ];
  static override flags = {
    ...nameFlags,
    to: Flags.option({
      options: ['ndjson', 'csv', 'yaml'] as const,
      summary: 'The format of the rows, NDJSON by default.',
    })(),
    'reveal-passhash': Flags.boolean({ summary: 'Write to a terminal, too.' }),
    'topic-max-depth': Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'topic_max_depth of the brokers, where it is not 10.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclExport);
    const { exportRecords } = await import('../../lib/acl/bulk/export.js');
    const { rowWriter } = await import('../../lib/acl/bulk/formats/write.js');
    const { writeExport } = await import('../../lib/cli/acl-export-output.js');
    if (this.streams.outIsTerminal && !flags['reveal-passhash']) throw onTerminal();
    const store = await this.openStore(flags);
    const filter = { mountpoint: flags.mountpoint, clientId: flags['client-id'], username: flags.username };
    const given = { topicMaxDepth: flags['topic-max-depth'] };
    const pages = exportRecords(store, filter, given, this.interrupted);
    const writer = rowWriter(flags.to ?? this.formatAsked);
    const left = await writeExport(pages, writer, this.streams, (text, tone) => this.tell(text, tone));
    if (left > 0) process.exitCode = EXIT_CODES.data;
  }

  /** Who asks for the output in one of these means the rows. */
  private get formatAsked(): 'ndjson' | 'csv' | 'yaml' {
    const { wantedFormat } = this;
    return wantedFormat === 'csv' || wantedFormat === 'yaml' ? wantedFormat : 'ndjson';
  }
}

const onTerminal = () =>
  new Failure(
    'safety',
    'passhashes_on_terminal',
    'the rows have passhashes in them, and stdout is a terminal',
    {
      hint: 'Write them to a file: vmqctl acl export > users.ndjson. Or give --reveal-passhash.',
    },
  );
