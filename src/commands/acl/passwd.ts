import * as Flags from '@oclif/core/flags';
import type { GivenPasshash } from '../../lib/acl/credentials.js';
import type { RecordName } from '../../lib/acl/key.js';
import type { AclStore } from '../../lib/acl/store.js';
import { AclCommand, nameFlags, passwordFlags } from '../../lib/cli/acl-command.js';

export default class AclPasswd extends AclCommand {
  static override summary = 'Give one user record another password.';
  static override description =
    'Asks for it twice, or takes it from --password-from. Every other byte of the record stays as it is, and what others write meanwhile is not lost. A client that is connected stays so.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> client-id=1528361231 username=101',
    '<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --password-from stdin < password.txt',
  ];
  static override flags = {
    ...nameFlags,
    ...passwordFlags,
    'dry-run': Flags.boolean({ summary: 'Say what would be changed, and change nothing.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclPasswd);
    const name = this.recordName(flags);
    const { readPasshash } = await import('../../lib/acl/credentials.js');
    const { passwordNeeded } = await import('../../lib/acl/change.js');
    const { changePasshash } = await import('../../lib/acl/passwd.js');
    const { passwdView } = await import('../../lib/cli/views/acl-record.js');
    const given = await readPasshash(flags, process.env);
    if (!given && !this.canAsk) throw passwordNeeded('nobody is there to be asked for the new password');
    const store = await this.openStore(flags);
    const { passhash, remarks } = given ?? (await this.ask(store, name, flags.cost));
    const report = await changePasshash(store, { name, passhash, dryRun: flags['dry-run'] });
    await this.present(passwdView(report, remarks));
  }

  private async ask(store: AclStore, name: RecordName, cost: number | undefined): Promise<GivenPasshash> {
    const { requireExisting } = await import('../../lib/acl/passwd.js');
    await requireExisting(store, name);
    return await this.askPasshash(name, cost);
  }
}
