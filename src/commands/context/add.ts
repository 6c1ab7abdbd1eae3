import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { nodeFlags, redisFlags } from '../../lib/cli/flags.js';
import { addedView } from '../../lib/cli/views/context.js';
import { addContext } from '../../lib/context/add.js';

export default class ContextAdd extends BaseCommand {
  static override summary = 'Save a cluster under a name.';
  static override description =
    'Saves where the cluster is and where its secrets come from, not the secrets. With stdin as the source, the secret is read once and kept in a file that only you can read. The first context that is saved becomes the current one.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> prod --node https://mq1:8889 --api-key-from file:/etc/vmqctl/prod.key',
    'pass show mq | <%= config.bin %> <%= command.id %> prod --node http://172.16.16.13:8888 --api-key-from stdin',
    '<%= config.bin %> <%= command.id %> lab --node http://10.0.0.5:8888 --redis redis://10.0.0.9:6379/0 --use',
  ];
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'The name to save it under.' }),
  };
  static override flags = {
    node: nodeFlags.node,
    'api-key-from': nodeFlags['api-key-from'],
    'api-key-header': nodeFlags['api-key-header'],
    'cookie-from': nodeFlags['cookie-from'],
    redis: redisFlags.redis,
    'redis-password-from': redisFlags['redis-password-from'],
    'ca-file': nodeFlags['ca-file'],
    'ssh-config': nodeFlags['ssh-config'],
    'ssh-password-from': nodeFlags['ssh-password-from'],
    'ssh-prefix': nodeFlags['ssh-prefix'],
    'vmq-admin': nodeFlags['vmq-admin'],
    sudo: nodeFlags.sudo,
    use: Flags.boolean({ summary: 'Make it the current context.' }),
    replace: Flags.boolean({ summary: 'Let it take the place of a context of the same name.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(ContextAdd);
    const added = await addContext(
      {
        name: args[0] ?? '',
        nodes: flags.node ?? [],
        cookieFrom: flags['cookie-from'],
        redis: flags.redis,
        apiKeyFrom: flags['api-key-from'],
        apiKeyHeader: flags['api-key-header'],
        redisPasswordFrom: flags['redis-password-from'],
        caFile: flags['ca-file'],
        sshConfig: flags['ssh-config'],
        sshPasswordFrom: flags['ssh-password-from'],
        sshPrefix: flags['ssh-prefix'],
        vmqAdmin: flags['vmq-admin'],
        sudo: flags.sudo,
        use: flags.use,
        replace: flags.replace,
      },
      process.env,
    );
    await this.present(addedView(added));
  }
}
