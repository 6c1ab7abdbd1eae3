import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { nodeFlags, outputFlags } from '../../lib/cli/flags.js';
import type { NodeConfiguration } from '../../lib/conf/configuration.js';
import { BROKER_VERSIONS, NEWEST_VERSION } from '../../lib/conf/versions.js';
import { Failure } from '../../lib/failure.js';

const { context, node, 'ssh-config': sshConfig, 'ssh-password-from': sshPassword } = nodeFlags;
const { 'ssh-prefix': sshPrefix, sudo, verbose, deadline } = nodeFlags;

export default class ConfLint extends BaseCommand {
  static override summary = "Check the nodes' vernemq.conf, each by itself and side by side.";
  static override description =
    'Several FILEs are the nodes of one cluster; a folder stands for its vernemq.conf, - for standard input. What a file includes is read too. Without FILE, they are fetched over SSH from the nodes. Secrets are compared and never shown. Exit code 1 when something critical is found, or what --fail-on says; 65 when a file cannot be read, 3 when not every node could be reached.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> /etc/vernemq/vernemq.conf',
    '<%= config.bin %> <%= command.id %> node1.conf node2.conf node3.conf --fail-on warn',
    '<%= config.bin %> <%= command.id %> --node ssh://root@172.16.16.12 --node ssh://root@172.16.16.13',
  ];
  static override usage = '<%= command.id %> [FILE...]';
  static override strict = false;
  static override baseFlags = {
    context,
    node,
    'ssh-config': sshConfig,
    'ssh-password-from': sshPassword,
    'ssh-prefix': sshPrefix,
    sudo,
    verbose,
    deadline,
    ...outputFlags,
  };
  static override flags = {
    'broker-version': Flags.option({
      options: BROKER_VERSIONS,
      default: NEWEST_VERSION,
      summary: 'The version whose keys and values count.',
    })(),
    'fail-on': Flags.option({
      options: ['critical', 'warn', 'never'] as const,
      default: 'critical' as const,
      summary: 'From which severity on the exit code is 1.',
    })(),
    path: Flags.string({
      helpValue: 'PATH',
      summary: 'vernemq.conf on the hosts. Default: where packages, the image and releases have it.',
    }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(ConfLint);
    const { lintCluster } = await import('../../lib/conf/lint/lint.js');
    const { confLintView } = await import('../../lib/cli/views/conf-lint.js');
    const nodes = args.length > 0 ? await this.fromFiles(args) : await this.fromHosts(flags);
    const brokerVersion = flags['broker-version'];
    const report = lintCluster(nodes, { brokerVersion });
    const origins = nodes.map(({ origin }) => origin);
    await this.present(confLintView({ ...report, nodes: origins, brokerVersion }, this.wantedFormat));
    if (fails(report.findings, flags['fail-on'])) process.exitCode = EXIT_CODES.failed;
  }

  private async fromFiles(paths: readonly string[]): Promise<NodeConfiguration[]> {
    if (this.argv.some((token) => /^--node(?:=|$)/.test(token)))
      throw new Failure('usage', 'files_and_nodes', 'either files or nodes are checked, not both at once');
    const twice = paths.find((path, index) => paths.indexOf(path) !== index);
    if (twice !== undefined) throw new Failure('usage', 'file_twice', `${twice} is named twice`);
    const { loadConfiguration } = await import('../../lib/conf/load.js');
    const nodes: NodeConfiguration[] = [];
    for (const path of paths) nodes.push(await loadConfiguration(path, process.stdin));
    return nodes;
  }

  private async fromHosts(flags: HostFlags): Promise<NodeConfiguration[]> {
    const { fetchConfigurations } = await import('../../lib/conf/fetch.js');
    const { clusterSettings } = await import('../../lib/context/settings.js');
    const settings = await clusterSettings(flags, process.env);
    const { nodes, problems } = await fetchConfigurations(settings, {
      ...this.sshOperator(flags),
      path: flags.path,
      signal: this.interrupted,
    });
    for (const problem of problems) await this.tell(`warning: ${problem}`, 'warning');
    if (problems.length > 0) process.exitCode = EXIT_CODES.partial;
    return nodes;
  }
}

type HostFlags = Parameters<typeof import('../../lib/context/settings.js').clusterSettings>[0] & {
  readonly verbose?: boolean;
  readonly path?: string | undefined;
};

const fails = (
  findings: readonly { readonly severity: 'critical' | 'warn' }[],
  failOn: 'critical' | 'warn' | 'never',
): boolean =>
  findings.some(({ severity }) => failOn === 'warn' || (failOn === 'critical' && severity === 'critical'));
