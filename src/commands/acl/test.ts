import * as Args from '@oclif/core/args';
import { AclCommand } from '../../lib/cli/acl-command.js';
import { brokerFlags } from '../../lib/cli/acl-decide-flags.js';

export default class AclTest extends AclCommand {
  static override summary = 'Check a file of expectations against what the broker would decide.';
  static override description =
    'The file is NDJSON, or a YAML list. An expectation has connect {clientId, username}, action (connect, or {type: publish, topic}, or {type: subscribe, topic}), expect (allow or deny), and record; without record it is judged by what is in Redis. Exit codes: 0 all as expected, 1 some not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> policy.yaml',
    '<%= config.bin %> <%= command.id %> policy.ndjson --broker-version 2.1.2 --json',
  ];
  static override args = {
    file: Args.string({ required: true, description: 'The file of expectations.' }),
  };
  static override flags = brokerFlags;
  static override words = {};

  async run(): Promise<void> {
    const { flags, args } = await this.input(AclTest);
    const { readBroker } = await import('../../lib/acl/authorize/request.js');
    const { redisSources, verifyOnce } = await import('../../lib/acl/authorize/sources.js');
    const { readExpectations } = await import('../../lib/acl/authorize/expect/file.js');
    const { runExpectations } = await import('../../lib/acl/authorize/expect/run.js');
    const { testView } = await import('../../lib/cli/views/acl-test.js');
    const expectations = await readExpectations(args[0] ?? '');
    let opened: Promise<ReturnType<typeof redisSources>> | undefined;
    const stored = () => {
      opened ??= this.openStore(flags).then(redisSources);
      return opened;
    };
    const report = await runExpectations(expectations, stored, verifyOnce(), readBroker(flags));
    await this.present(testView(report));
    if (report.differ.length > 0) process.exitCode = 1;
  }
}
