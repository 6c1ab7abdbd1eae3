import * as Flags from '@oclif/core/flags';
import { AclCommand, nameFlags } from '../../lib/cli/acl-command.js';
import { brokerFlags } from '../../lib/cli/acl-decide-flags.js';
import { exitCodeOf } from '../../lib/cli/errors.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';

export default class AclLint extends AclCommand {
  static override summary =
    'Find what of the user records the broker cannot match, or reads as more than was meant.';
  static override description =
    'Each finding has a rule, a severity and a fix. --fix does what is safe: it relabels $2b$ and $2y$ hashes to $2a$, and renames keys that are misspelled or in the wrong order, never over another record. On a terminal it asks first; elsewhere it needs --yes. Exit codes: 0 nothing that --fail-on names is left, 65 something is.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> username=101 --severity info --json',
    '<%= config.bin %> <%= command.id %> --fix --dry-run',
  ];
  static override flags = {
    ...nameFlags,
    severity: Flags.option({
      options: ['error', 'warning', 'info'] as const,
      default: 'warning',
      summary: 'The least severity that is shown.',
    })(),
    'fail-on': Flags.option({
      options: ['error', 'warning'] as const,
      default: 'error',
      summary: 'The least severity that makes the exit code 65.',
    })(),
    fix: Flags.boolean({ summary: 'Repair what can be repaired safely.' }),
    'dry-run': Flags.boolean({
      dependsOn: ['fix'],
      summary: 'Say what would be repaired, and repair nothing.',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    ...brokerFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclLint);
    const { readBroker } = await import('../../lib/acl/authorize/request.js');
    const { lintRecords } = await import('../../lib/acl/lint/lint.js');
    const { repairAll } = await import('../../lib/acl/lint/repair.js');
    const { openRecordStream } = await import('../../lib/cli/record-stream.js');
    const { lintSummary, writeFindings } = await import('../../lib/cli/acl-lint-output.js');
    const { lintShape } = await import('../../lib/cli/views/acl-lint.js');
    const store = await this.openStore(flags);
    if (flags.fix && !flags['dry-run'] && !flags.yes) await this.askToRepair();
    const filter = { mountpoint: flags.mountpoint, clientId: flags['client-id'], username: flags.username };
    const pages = lintRecords(store, filter, readBroker(flags), this.interrupted);
    const stream = await openRecordStream(lintShape, this.wantedFormat, this.streams);
    const { totals, failure } = await writeFindings(pages, stream, flags.severity, async ({ findings }) =>
      flags.fix
        ? await repairAll(store, findings, flags['dry-run'])
        : findings.map((finding) => ({ ...finding, outcome: undefined })),
    );
    if (!failure && !stream.isDocument) await this.tell(lintSummary(totals), 'dim');
    const isBad = totals.left.error > 0 || (flags['fail-on'] === 'warning' && totals.left.warning > 0);
    if (failure) process.exitCode = exitCodeOf(failure);
    else if (isBad) process.exitCode = EXIT_CODES.data;
  }

  private async askToRepair(): Promise<void> {
    const { askConsent } = await import('../../lib/cli/prompts.js');
    await askConsent('Repair what can be repaired safely?', this.canAsk);
  }
}
