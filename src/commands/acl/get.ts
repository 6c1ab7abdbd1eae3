import * as Flags from '@oclif/core/flags';
import { AclCommand, nameFlags } from '../../lib/cli/acl-command.js';

export default class AclGet extends AclCommand {
  static override summary = 'Show one user record.';
  static override description =
    'Shows what the broker reads for a mountpoint, client id and username, and what of it the broker would not read as it is meant. Empty cells are the defaults of the broker: QoS 2, any payload, retain allowed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> client-id=1528361231 username=101',
    "<%= config.bin %> <%= command.id %> --client-id '*' --username 101 --json",
  ];
  static override flags = {
    ...nameFlags,
    'reveal-passhash': Flags.boolean({ summary: 'Show the passhash in full.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclGet);
    const name = this.recordName(flags);
    const { getRecord } = await import('../../lib/acl/get.js');
    const { recordView } = await import('../../lib/cli/views/acl-record.js');
    const store = await this.openStore(flags);
    await this.present(recordView(await getRecord(store, name), flags['reveal-passhash']));
  }
}
