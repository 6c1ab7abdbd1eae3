import { join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { redisFlags } from '../../lib/cli/flags.js';
import { runningView } from '../../lib/cli/views/sandbox.js';
import { redisSettings } from '../../lib/context/settings.js';
import { parseDuration } from '../../lib/duration.js';
import { startInBackground } from '../../lib/sandbox/background/start.js';
import { stateFolder } from '../../lib/state-folder.js';

/** More would take a simulated node too long. */
const MOST_SESSIONS = 100_000;

const { context: _context, ...ownRedisFlags } = redisFlags;

export default class SandboxUp extends BaseCommand {
  static override summary = 'Start simulated brokers on this machine.';
  static override description =
    'One background process simulates the nodes: management API, MQTT listeners, sessions with offline queues, join and leave. It is no VerneMQ, but answers like one. With --redis, logins and ACLs are decided by the records of that Redis.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --nodes 3 --joined',
    '<%= config.bin %> <%= command.id %> --joined --offline-queues 2000 --messages 20 --sessions 500',
    '<%= config.bin %> <%= command.id %> --nodes 3 --redis redis://127.0.0.1:6379/0 --lifetime 1h',
  ];
  static override flags = {
    ...ownRedisFlags,
    nodes: Flags.integer({ default: 3, helpValue: 'N', summary: 'How many nodes.' }),
    joined: Flags.boolean({
      summary: 'All nodes in one cluster. Otherwise each is alone and empty, ready for cluster join.',
    }),
    'api-mode': Flags.option({
      options: ['noauth', 'apikey'] as const,
      default: 'noauth',
      summary:
        'Whether the management API asks for an API key. With one, no node is empty, so none can join over HTTP.',
    })(),
    'base-port': Flags.integer({
      helpValue: 'PORT',
      summary:
        "The first node's management API; MQTT is one above, the next node 10 above. Default: free ports.",
    }),
    'offline-queues': Flags.integer({
      default: 0,
      min: 0,
      max: MOST_SESSIONS,
      helpValue: 'N',
      summary: 'On the last node: so many persistent sessions whose clients are away. It is not empty then.',
    }),
    messages: Flags.integer({
      default: 0,
      min: 0,
      max: 1000,
      dependsOn: ['offline-queues'],
      helpValue: 'N',
      summary: 'In the queue of each of them.',
    }),
    sessions: Flags.integer({
      default: 0,
      min: 0,
      max: MOST_SESSIONS,
      helpValue: 'N',
      summary:
        'On the last node: so many clients that are online, and connect again elsewhere when they must.',
    }),
    lifetime: Flags.string({
      helpValue: 'DURATION',
      summary: 'It ends by itself after this. Default: it runs until sandbox down.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(SandboxUp);
    const redis = flags.redis === undefined ? undefined : await redisSettings(flags, process.env);
    const config = {
      stateFolder: await stateFolder(process.env),
      nodes: flags.nodes,
      joined: flags.joined,
      apiMode: flags['api-mode'],
      basePort: flags['base-port'],
      offlineQueues: flags['offline-queues'],
      messages: flags.messages,
      sessions: flags.sessions,
      lifetime: flags.lifetime === undefined ? undefined : parseDuration(flags.lifetime, '--lifetime'),
      redisUrl: redis?.url,
      redisPassword: redis?.password?.reveal(),
      redisCaFile: redis?.caFile,
      redisDeadline: redis?.deadline,
    };
    const script = join(this.config.root, 'dist', 'sandbox-daemon.js');
    const state = await startInBackground(script, config, this.interrupted);
    await this.present(
      runningView(
        state,
        state.nodes.map((node) => ({ ...node, running: true, fault: null })),
      ),
    );
  }
}
