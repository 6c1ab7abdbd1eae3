import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { AclCommand } from '../../lib/cli/acl-command.js';
import { planFlags } from '../../lib/cli/acl-plan-flags.js';

export default class AclPlan extends AclCommand {
  static override summary = 'Show how the user records differ from desired ones, and what would be written.';
  static override description =
    'Desired records are the rows of acl import, in one file (.ndjson, .csv, .yaml, .yml) or in all files of a folder. A plan is made of all of them or not at all: every fault is named by file and line, also a record that is desired twice. Passwords are compared by verifying them; a row without passhash and password keeps the passhash that is there. Members of a record that no row has are kept, and told. Records that are not desired stay, unless with --prune. --out writes a plan that acl apply takes; it has passhashes in it. Exit codes: 0 the plan is made, 65 it cannot be; with --check, 1 there is something to change.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> users.yaml',
    '<%= config.bin %> <%= command.id %> users.d --prune --out users.plan',
    '<%= config.bin %> <%= command.id %> users.d --check --json',
  ];
  static override args = {
    path: Args.string({ required: true, ignoreStdin: true, description: 'A file, or a folder of files.' }),
  };
  static override words = {};
  static override flags = {
    ...planFlags,
    out: Flags.string({ helpValue: 'PLAN', summary: 'A file for the plan, to be applied as it is.' }),
    check: Flags.boolean({ summary: 'Exit with 1 where there is something to change.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(AclPlan);
    const { planFiles } = await import('../../lib/cli/acl-plan.js');
    const { writePlanView } = await import('../../lib/cli/acl-plan-output.js');
    let redis = '';
    const openStore = async () => {
      const { store, url } = await this.openNamedStore(flags);
      redis = url;
      return store;
    };
    const isForUse = flags.out !== undefined;
    const { streams, interrupted: signal } = this;
    const planned = await planFiles({ path: args[0] ?? '', flags, openStore, isForUse, streams, signal });
    const { changes, unchanged, mountpoints } = planned;
    if (flags.out !== undefined) {
      const { writePlan } = await import('../../lib/acl/plan/plan-file.js');
      await writePlan(flags.out, { redis, changes });
    }
    const pruned = flags.prune ? mountpoints : null;
    const shown = { redis, changes, unchanged, pruned, file: flags.out ?? null };
    await writePlanView(shown, this.wantedFormat, streams);
    if (flags.check && changes.length > 0) process.exitCode = 1;
  }
}
