import { readFile } from 'node:fs/promises';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { BROKER_VERSIONS, NEWEST_VERSION } from '../../lib/conf/versions.js';
import { Failure } from '../../lib/failure.js';

export default class ConfRender extends BaseCommand {
  static override summary = 'Write vernemq.conf of every node from one short description.';
  static override description =
    'The description is YAML: nodes, where the cookie comes from, listeners, Redis, and any other settings. Each node gets FOLDER/NODE/vernemq.conf, which only you can read, for it holds the cookie. What is written is checked as conf lint does; nothing is written that is critical, and no other file is replaced without --overwrite.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> cluster.yaml --out nodes',
    '<%= config.bin %> <%= command.id %> cluster.yaml --out nodes --dry-run',
  ];
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'The description of the cluster.' }),
  };
  static override flags = {
    out: Flags.string({
      required: true,
      helpValue: 'FOLDER',
      summary: 'Where the folders of the nodes are.',
    }),
    overwrite: Flags.boolean({ summary: 'Replace files that say something else.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be written, without the secrets.' }),
    'broker-version': Flags.option({
      options: BROKER_VERSIONS,
      default: NEWEST_VERSION,
      summary: 'The version to write for.',
    })(),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(ConfRender);
    const { renderChecked } = await import('../../lib/conf/render/operation.js');
    const { planFiles, writeFiles } = await import('../../lib/conf/render/write.js');
    const { confRenderView } = await import('../../lib/cli/views/conf-render.js');
    const file = args[0] ?? '';
    const request = { file, text: await readDescription(file), brokerVersion: flags['broker-version'] };
    const { nodes, findings } = await renderChecked(request, process.env);
    const files = await planFiles(nodes, flags.out);
    if (!flags['dry-run']) await writeFiles(files, flags.overwrite);
    await this.present(confRenderView({ files, findings, dryRun: flags['dry-run'] }, this.wantedFormat));
  }
}

const readDescription = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure('data', 'description_not_readable', `cannot read ${path}: ${error.code}`);
  });
