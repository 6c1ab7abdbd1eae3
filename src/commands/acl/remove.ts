import * as Flags from '@oclif/core/flags';
import { recordKey } from '../../lib/acl/key.js';
import { AclCommand, nameFlags } from '../../lib/cli/acl-command.js';

export default class AclRemove extends AclCommand {
  static override summary = 'Remove one user record.';
  static override description =
    'Clients that are connected keep their rights until they connect again. On a terminal it asks first; elsewhere it needs --yes.';
  static override examples = ['<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --yes'];
  static override flags = {
    ...nameFlags,
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Say what would be done, and do nothing.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclRemove);
    const name = this.recordName(flags);
    const { removeRecord } = await import('../../lib/acl/remove.js');
    const { removeView } = await import('../../lib/cli/views/acl-record.js');
    const store = await this.openStore(flags);
    if (!flags.yes && !flags['dry-run']) {
      const { askConsent } = await import('../../lib/cli/prompts.js');
      await askConsent(`Remove ${recordKey(name)}?`, this.canAsk);
    }
    await this.present(removeView(await removeRecord(store, name, flags['dry-run'])));
  }
}
