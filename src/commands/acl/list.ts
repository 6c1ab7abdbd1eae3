import * as Flags from '@oclif/core/flags';
import { LIST_FIELDS } from '../../lib/acl/list-fields.js';
import { AclCommand, nameFlags } from '../../lib/cli/acl-command.js';
import { exitCodeOf } from '../../lib/cli/errors.js';

export default class AclList extends AclCommand {
  static override summary = 'List the user records, however many there are.';
  static override description =
    `Reads Redis with SCAN, page by page, so it neither blocks the brokers nor fills memory. While Redis grows or shrinks a record may come up twice. A broken record is listed with its problem. Keys that look like records, but that no broker ever asks for, are named on stderr. On a terminal cells that are too long end with an ellipsis.

The fields of --filter and --columns: ${LIST_FIELDS.join(', ')}. In a PATTERN * is any text and ? any character; \\* is the character. A list is met by any of its patterns.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> username=101 --format csv',
    "<%= config.bin %> <%= command.id %> --filter 'username=alice*' --filter 'publish_acl=dev/*' --columns client_id,publish_acl",
    "<%= config.bin %> <%= command.id %> --filter 'problems=*'",
  ];
  static override flags = {
    ...nameFlags,
    filter: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FIELD=PATTERN',
      summary:
        'Only records of which the field is so; with != only those of which it is not. Repeatable: all must be met.',
    }),
    columns: Flags.string({
      helpValue: 'FIELD,…',
      summary: 'The columns of a table or of CSV, in this order.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclList);
    const { listRecords } = await import('../../lib/acl/list.js');
    const { readCondition } = await import('../../lib/acl/list-filter.js');
    const { openRecordStream } = await import('../../lib/cli/record-stream.js');
    const { writeList } = await import('../../lib/cli/acl-list-output.js');
    const { shapeOf } = await import('../../lib/cli/views/acl-list.js');
    const shape = shapeOf(flags.columns, this.wantedFormat);
    const conditions = (flags.filter ?? []).map(readCondition);
    const store = await this.openStore(flags);
    const filter = { mountpoint: flags.mountpoint, clientId: flags['client-id'], username: flags.username };
    const stream = await openRecordStream(shape, this.wantedFormat, this.streams);
    const pages = listRecords(store, filter, this.interrupted, conditions);
    const failure = await writeList(pages, stream, (text, tone) => this.tell(text, tone));
    if (failure) process.exitCode = exitCodeOf(failure);
  }
}
