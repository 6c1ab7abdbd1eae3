import * as Flags from '@oclif/core/flags';
import { recordKey } from '../../lib/acl/key.js';
import { bounceFlags } from '../../lib/cli/acl-bounce-flags.js';
import { nameFlags } from '../../lib/cli/acl-command.js';
import { AclRecordCommand } from '../../lib/cli/acl-record-command.js';

export default class AclRemove extends AclRecordCommand {
  static override summary = 'Remove one user record.';
  static override description =
    'Clients that are connected keep their rights until they connect again, which --disconnect sees to. On a terminal it asks first; elsewhere it needs --yes. Exit codes with --disconnect: 3 clients could not be disconnected, 75 clients are not back yet.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --yes',
    '<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --yes --disconnect --node http://172.16.16.13:8888',
  ];
  static override flags = {
    ...nameFlags,
    ...bounceFlags,
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Say what would be done, and do nothing.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclRemove);
    const name = this.recordName(flags);
    const { removeRecord } = await import('../../lib/acl/remove.js');
    const { removeView } = await import('../../lib/cli/views/acl-record.js');
    const brokers = await this.brokersFor(flags);
    const { store, url } = await this.openNamedStore(flags);
    const key = recordKey(name);
    if (!flags.yes && !flags['dry-run']) {
      const { askConsent } = await import('../../lib/cli/prompts.js');
      await askConsent(`Remove ${key}?`, this.canAsk);
    }
    const unfinished = brokers && !flags['dry-run'] ? await this.unfinishedOf(url, key) : undefined;
    const mayBeGone = unfinished?.earlier.has(key) ?? false;
    const report = await this.noting(unfinished, [key], () =>
      removeRecord(store, name, flags['dry-run'], mayBeGone),
    );
    const changed = new Set([key]);
    const sessions =
      brokers && unfinished ? await this.disconnectClients(brokers, { store, unfinished, changed }) : null;
    await this.present(removeView(report, sessions));
    await this.exitAs(sessions);
  }
}
