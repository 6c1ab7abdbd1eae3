import { AclCommand, nameFlags } from '../../lib/cli/acl-command.js';
import { exitCodeOf } from '../../lib/cli/errors.js';

export default class AclList extends AclCommand {
  static override summary = 'List the user records, however many there are.';
  static override description =
    'Reads Redis with SCAN, page by page, so it neither blocks the brokers nor fills memory. While Redis grows or shrinks a record may come up twice. A broken record is listed with its problem. Keys that look like records, but that no broker ever asks for, are named on stderr.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> username=101 --format csv',
  ];
  static override flags = nameFlags;

  async run(): Promise<void> {
    const { flags } = await this.input(AclList);
    const { listRecords } = await import('../../lib/acl/list.js');
    const { openRecordStream } = await import('../../lib/cli/record-stream.js');
    const { writeList } = await import('../../lib/cli/acl-list-output.js');
    const { listShape } = await import('../../lib/cli/views/acl-list.js');
    const store = await this.openStore(flags);
    const filter = { mountpoint: flags.mountpoint, clientId: flags['client-id'], username: flags.username };
    const stream = await openRecordStream(listShape, this.wantedFormat, this.streams);
    const pages = listRecords(store, filter, this.interrupted);
    const failure = await writeList(pages, stream, (text, tone) => this.tell(text, tone));
    if (failure) process.exitCode = exitCodeOf(failure);
  }
}
