import { join, resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { redisFlags } from '../../lib/cli/flags.js';
import {
  leftoverLines,
  leftoverView,
  narrateProbe,
  probeReportView,
} from '../../lib/cli/views/cluster-probe.js';
import { systemClock } from '../../lib/clock.js';
import { acquireLock } from '../../lib/cluster/operations/lock.js';
import { lookAround } from '../../lib/cluster/reach.js';
import { type RedisFlags, type RedisSettings, redisSettings } from '../../lib/context/settings.js';
import { parseDuration } from '../../lib/duration.js';
import { openAccess } from '../../lib/probe/access.js';
import { endpointsOf, parseGivenEndpoints, TRANSPORTS } from '../../lib/probe/endpoints.js';
import { readCredentials, readProbeOptions } from '../../lib/probe/flags.js';
import { fileJournals } from '../../lib/probe/journal.js';
import { type LeftoverReport, removeLeftovers } from '../../lib/probe/leftovers.js';
import { newProbeId } from '../../lib/probe/names.js';
import { probeCluster } from '../../lib/probe/operation.js';
import { EXTRAS, type ProbeContext } from '../../lib/probe/options.js';
import type { ProbeReport, Verdict } from '../../lib/probe/report.js';
import { lockKey, startWatchdog } from '../../lib/probe/watchdog.js';
import { stateFolder } from '../../lib/state-folder.js';

const EXITS: Readonly<Record<Verdict, number>> = {
  ok: 0,
  unhealthy: EXIT_CODES.unhealthy,
  unreachable: EXIT_CODES.unreachable,
  credentials: EXIT_CODES.credentials,
  partial: EXIT_CODES.partial,
};

export default class ClusterProbe extends ClusterCommand {
  static override summary =
    'Send MQTT messages from every node to every node: latency, loss, session takeover.';
  static override description =
    'Real clients subscribe and publish on every node, with QoS 0, 1 and 2. Also: a shared subscription across all nodes, retained messages, and sessions that move from each node to each other one with a queued message. Client ids and topics are its own; sessions, retained messages and records are removed whatever ends it, kill -9 included. Exit code 0 all arrived, 10 loss or too slow, 69 a node takes no MQTT clients, 77 a login or a topic was refused.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --provision --max-latency 100ms',
    '<%= config.bin %> <%= command.id %> --username probe --password-from file:/etc/vmqctl/probe --protocol 5 --transport mqtts',
    '<%= config.bin %> <%= command.id %> --continuous --skip takeover',
  ];
  static override flags = {
    count: Flags.integer({
      helpValue: 'N',
      min: 1,
      max: 100_000,
      default: 20,
      summary: 'Messages that each node publishes with each QoS.',
    }),
    interval: Flags.string({ helpValue: 'DURATION', default: '50ms', summary: 'Pause between two of them.' }),
    continuous: Flags.boolean({ summary: 'Round after round until Ctrl-C; the rest is tried once.' }),
    qos: Flags.option({
      options: ['0', '1', '2'] as const,
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      default: ['0', '1', '2'],
      summary: 'Which QoS to publish with.',
    })(),
    skip: Flags.option({
      options: EXTRAS,
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'What to leave out besides the messages.',
    })(),
    protocol: Flags.option({
      options: ['3.1.1', '5'] as const,
      default: '3.1.1',
      summary: 'The version of MQTT.',
    })(),
    transport: Flags.option({
      options: TRANSPORTS,
      summary: 'Only listeners of this kind; mqtt comes first.',
    })(),
    mqtt: Flags.string({
      helpValue: 'NODE=URL',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'Where a node takes MQTT clients, instead of its own listener; repeatable.',
    }),
    username: Flags.string({
      helpValue: 'TEXT',
      env: 'VMQCTL_MQTT_USERNAME',
      summary: 'The MQTT user. Its record must allow --topic-prefix/#.',
    }),
    'password-from': Flags.string({
      helpValue: 'SOURCE',
      env: 'VMQCTL_MQTT_PASSWORD_FROM',
      summary: 'Where its password is: file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin.',
    }),
    provision: Flags.boolean({
      summary: 'Set records for its own client ids in the Redis of --redis, and remove them.',
    }),
    mountpoint: Flags.string({ helpValue: 'TEXT', default: '', summary: 'The mountpoint of those records.' }),
    redis: redisFlags.redis,
    'redis-password-from': redisFlags['redis-password-from'],
    'topic-prefix': Flags.string({
      helpValue: 'TOPIC',
      default: 'vmqctl-probe',
      summary: 'What all its topics begin with.',
    }),
    wait: Flags.string({
      helpValue: 'DURATION',
      default: '5s',
      summary: 'How long a message may take before it is lost.',
    }),
    'max-latency': Flags.string({
      helpValue: 'DURATION',
      summary: 'Exit code 10 when the p99 from one node to another is above.',
    }),
    cleanup: Flags.boolean({ summary: 'Only remove what killed probes of this machine have left behind.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(ClusterProbe);
    const folder = await stateFolder(process.env);
    const journals = fileJournals(folder);
    const lock = (id: string) => acquireLock(folder, lockKey(id), 'cluster probe');
    const given = parseGivenEndpoints(flags.mqtt ?? []);
    const own = flags.provision ? await redisSettings(flags, process.env) : undefined;
    const deadline = parseDuration(flags.deadline, '--deadline');
    const credentials = await readCredentials(flags, process.env);
    const access = openAccess(deadline, credentials, redisByUrl(flags, own));
    if (flags.cleanup) return this.showLeftovers(await removeLeftovers(access, journals, lock));

    const provision = own && { redis: own.url, mountpoint: flags.mountpoint };
    const fleet = await this.openFleet(flags);
    const caFile = fleet.caFile === undefined ? null : resolve(fleet.caFile);
    const options = readProbeOptions(flags, { caFile, provision });
    const endpoints = endpointsOf(await lookAround(fleet, this.interrupted), given, flags.transport);
    for (const { text, tone } of leftoverLines(await removeLeftovers(access, journals, lock)))
      await this.tell(text, tone === 'warning' ? 'warning' : 'dim');
    const script = join(this.config.root, 'dist', 'probe-watchdog.js');
    const context: ProbeContext = {
      id: newProbeId(),
      endpoints,
      options,
      access,
      journals,
      lock,
      watchdog: (id) => startWatchdog(script, folder, id, { deadline, credentials, redis: own }),
      clock: systemClock,
      ticks: () => performance.now(),
      signal: this.interrupted,
    };
    const report = await this.follow(probeCluster(context), narrateProbe);
    await this.present(probeReportView(report));
    process.exitCode = exitCodeOf(report, options.continuous);
  }

  private async showLeftovers(report: LeftoverReport): Promise<void> {
    await this.present(leftoverView(report));
    if (report.failed.length + report.unreadable.length > 0) process.exitCode = EXIT_CODES.partial;
  }
}

/** Of a probe that is to be ended with Ctrl-C, that is no interruption. */
const exitCodeOf = ({ verdict, interrupted }: ProbeReport, continuous: boolean) =>
  interrupted && !continuous ? EXIT_CODES.interrupted : EXITS[verdict];

/** A probe that was killed may have used another Redis: its URL is in the journal, its password is where it always is. */
function redisByUrl(flags: RedisFlags, own: RedisSettings | undefined) {
  const known = new Map<string, Promise<RedisSettings>>();
  if (own) known.set(own.url, Promise.resolve(own));
  const find = async (url: string) => {
    const given = flags.redis === undefined ? undefined : await redisSettings(flags, process.env);
    return given?.url === url ? given : redisSettings({ ...flags, redis: url }, process.env);
  };
  return (url: string): Promise<RedisSettings> => {
    const settings = known.get(url) ?? find(url);
    known.set(url, settings);
    return settings;
  };
}
