import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { nodeFlags } from '../../lib/cli/flags.js';
import { validationView } from '../../lib/cli/views/context.js';
import { findContext } from '../../lib/context/manage.js';
import type { Probes } from '../../lib/context/validate.js';
import { validateContext } from '../../lib/context/validate.js';
import { parseDuration } from '../../lib/duration.js';

export default class ContextValidate extends BaseCommand {
  static override summary = 'Look whether a saved cluster would work.';
  static override description =
    'Fetches its secrets and reads its CA file; with --connect, asks each node for /status.json, with an API key also for cluster show, and Redis for a PING. Exit code 0 when it will do, else 78 (configuration), 77 (credentials) or 69 (nothing reachable).';
  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: 'The context; without it, the one that commands use now.',
    }),
  };
  static override flags = {
    context: nodeFlags.context,
    connect: Flags.boolean({
      summary: 'Try the connections and the API key too.',
      description:
        'A node that is asked with an API key too early, just after the key was added on another node, refuses that key until it restarts.',
    }),
    deadline: nodeFlags.deadline,
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(ContextValidate);
    const deadline = parseDuration(flags.deadline, '--deadline');
    const { saved } = await findContext(args[0] ?? flags.context, process.env);
    const probes = flags.connect ? await loadProbes() : undefined;
    const validation = await validateContext(saved, {
      environment: process.env,
      now: Date.now(),
      deadline,
      probes,
    });
    await this.present(validationView(validation));
    if (validation.failure) process.exitCode = EXIT_CODES[validation.failure];
  }
}

async function loadProbes(): Promise<Probes> {
  const { nodeProbe, redisProbe } = await import('../../lib/cli/probes.js');
  return { node: nodeProbe, redis: redisProbe };
}
