import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { AclStore } from '../../lib/acl/store.js';
import { ClusterCommand, type CommandFleet } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { redisFlags } from '../../lib/cli/flags.js';
import { isInTrouble, sessionExplainView } from '../../lib/cli/views/session-explain.js';
import { explainSession } from '../../lib/cluster/explain/operation.js';
import { hostUrlFor } from '../../lib/cluster/host-urls.js';
import type { ClusterView } from '../../lib/cluster/view.js';
import { type RedisFlags, redisSettings } from '../../lib/context/settings.js';
import { parseDuration } from '../../lib/duration.js';
import { Failure } from '../../lib/failure.js';
import { logPath } from '../../lib/logs/request.js';

export default class SessionExplain extends ClusterCommand {
  static override summary = 'Say where a client is, what it may do, and why it is being disconnected.';
  static override description =
    'Looks at its session on all nodes again and again, reads its record in Redis where one is configured, and the logs of ssh:// nodes. Then the causes, the surest first, each with its cure: two clients with the same id, a right that is missing, a refused login, a split cluster, an expired keepalive or session. Exit code 10 when a cause is certain or likely.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 1528361231',
    '<%= config.bin %> <%= command.id %> 1528361231 --for 30s --publish hello',
    '<%= config.bin %> <%= command.id %> client-id=1528361231 --redis redis://172.16.16.20:6379 --json',
  ];
  static override args = {
    client: Args.string({ ignoreStdin: true, description: 'Its client id; also as client-id=ID.' }),
  };
  static override words = { 'client-id': 'word' } as const;
  static override flags = {
    redis: redisFlags.redis,
    'redis-password-from': redisFlags['redis-password-from'],
    for: Flags.string({ helpValue: 'DURATION', default: '10s', summary: 'How long to look at it.' }),
    mountpoint: Flags.string({ char: 'm', helpValue: 'NAME', summary: 'If its id is in several.' }),
    username: Flags.string({ helpValue: 'NAME', summary: 'By which it logs in, where it is not connected.' }),
    publish: Flags.string({ helpValue: 'TOPIC', summary: 'Whether its record lets it publish there.' }),
    subscribe: Flags.string({
      helpValue: 'FILTER',
      summary: 'Whether its record lets it subscribe to that.',
    }),
    'log-since': Flags.string({
      helpValue: 'DURATION',
      default: '10m',
      summary: 'How far back to read the logs of ssh:// nodes.',
    }),
    'log-file': Flags.string({
      helpValue: 'PATH',
      summary: 'The log on the hosts, if not where it usually is.',
    }),
  };

  private store: AclStore | undefined;

  async run(): Promise<void> {
    const { flags, words, args } = await this.input(SessionExplain);
    const clientId = this.clientId(args, words['client-id']);
    const path = flags['log-file'];
    const file = path === undefined ? undefined : logPath(path, '--log-file');
    const [duration, since] = [
      parseDuration(flags.for, '--for'),
      parseDuration(flags['log-since'], '--log-since'),
    ];
    const settings = await this.redisSettings(flags);
    const fleet = await this.openFleet(flags);
    const { sudo = false, prefix } = fleet.vmqAdmin;
    const events = explainSession({
      fleet,
      name: { clientId, mountpoint: flags.mountpoint },
      user: flags.username,
      asked: { publish: flags.publish, subscribe: flags.subscribe },
      duration,
      openStore: settings && (() => this.openStore(settings)),
      logNodes: (view) => logNodes(fleet, view),
      logs: { since: since + duration, file, sudo, prefix, deadline: fleet.deadline },
      signal: this.interrupted,
    });
    const explanation = await this.follow(events, ({ looks, connections }) => {
      const steady = `looking at ${clientId} for ${flags.for}`;
      return { progress: { live: `${steady}: ${looks} looks, connections: ${connections}`, steady } };
    });
    await this.present(sessionExplainView(explanation));
    if (isInTrouble(explanation)) process.exitCode = EXIT_CODES.unhealthy;
  }

  private clientId(args: readonly string[], word: string | undefined): string {
    const [argument] = args;
    if (argument !== undefined && word === undefined && argument !== '') return argument;
    if (argument === undefined && word !== undefined) return word;
    throw new Failure('usage', 'which_client', 'which client is to be explained?', {
      hint: 'Name one: vmqctl session explain 1528361231',
    });
  }

  /** Undefined where no Redis is configured anywhere: then all but the record is explained. */
  private async redisSettings(flags: RedisFlags) {
    try {
      return await redisSettings(flags, process.env);
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.code === 'no_redis') return undefined;
      throw thrown;
    }
  }

  private async openStore(settings: Awaited<ReturnType<typeof redisSettings>>): Promise<AclStore> {
    const { openRedisStore } = await import('../../lib/acl/redis-store.js');
    const { systemClock } = await import('../../lib/clock.js');
    this.store = await openRedisStore(settings, systemClock);
    return this.store;
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.store?.close();
    await super.finally(error);
  }
}

/** Of the nodes whose machine is known. A log that several are reached through is that of the one named like it. */
function logNodes(fleet: CommandFleet, { members }: ClusterView) {
  const found = members.map(
    ({ name, ...rest }) => [hostUrlFor({ name, ...rest }, fleet.seeds), name] as const,
  );
  const isNamedLikeIt = ([url, name]: (typeof found)[number]) =>
    Number(url !== undefined && new URL(url).hostname === name.slice(name.indexOf('@') + 1));
  const urls = new Map(found.sort((one, other) => isNamedLikeIt(one) - isNamedLikeIt(other)));
  return [...urls].flatMap(([url, node]) => (url === undefined ? [] : [{ node, host: fleet.host(url) }]));
}
