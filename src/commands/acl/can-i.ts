import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Decision } from '../../lib/acl/authorize/decision.js';
import type { Drift } from '../../lib/acl/authorize/drift.js';
import { AclCommand, nameFlags } from '../../lib/cli/acl-command.js';
import { brokerFlags } from '../../lib/cli/acl-decide-flags.js';
import type { askForDrift } from '../../lib/cli/acl-drift.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { nodeFlags } from '../../lib/cli/flags.js';

const ACTIONS = ['connect', 'publish', 'subscribe'] as const;

export default class AclCanI extends AclCommand {
  static override summary =
    'Tell what the broker decides for a client, and which key, entry and field decide.';
  static override description =
    'Reads the records as the broker does at a login, and decides as it does, for the version that is named. A client that is connected has the rights of its last login: with --node, what a node has cached is told too. Exit codes: 0 allowed, 1 denied, 3 allowed, but not every node said what it has cached.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> publish --client-id 1528361231 --username 101 --topic hello',
    "<%= config.bin %> <%= command.id %> subscribe client-id=1528361231 username=101 --topic 'say/#' --qos 1",
    '<%= config.bin %> <%= command.id %> connect client-id=1528361231 username=101 --password-from env:DEVICE_PASSWORD',
    '<%= config.bin %> <%= command.id %> publish client-id=1528361231 username=101 --topic hello --node erl://VerneMQ@172.16.16.13',
  ];
  static override args = {
    action: Args.string({ required: true, options: [...ACTIONS], description: 'What the client does.' }),
  };
  static override flags = {
    ...nameFlags,
    topic: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TOPIC',
      summary:
        'What it publishes or subscribes to. Several make one SUBSCRIBE, granted or denied as a whole.',
    }),
    qos: Flags.integer({ min: 0, max: 2, helpValue: 'N', summary: 'The QoS, 0 by default.' }),
    retain: Flags.boolean({ summary: 'The message is to be retained.' }),
    'payload-bytes': Flags.integer({
      min: 0,
      helpValue: 'N',
      summary: 'The size of the message, 0 by default.',
    }),
    protocol: Flags.option({
      options: ['3', '4', '5'] as const,
      default: '4',
      summary: 'The version of MQTT: 3 is 3.1, 4 is 3.1.1.',
    })(),
    'password-from': Flags.string({
      helpValue: 'SOURCE',
      summary: 'Where the password is that the client gives; without it, it is taken to be right.',
    }),
    ...brokerFlags,
    node: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      helpValue: 'URL',
      summary:
        'A node (erl://VerneMQ@172.16.16.13) that is asked what it has cached for the client; repeatable.',
    }),
    'cookie-from': nodeFlags['cookie-from'],
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(AclCanI);
    const { readAction, readBroker, readClient } = await import('../../lib/acl/authorize/request.js');
    const { decide } = await import('../../lib/acl/authorize/decision.js');
    const { redisSources } = await import('../../lib/acl/authorize/sources.js');
    const { canIView } = await import('../../lib/cli/views/acl-can-i.js');
    const action = readAction(args[0] as (typeof ACTIONS)[number], flags);
    const client = await readClient(flags, process.env);
    const store = await this.openStore(flags);
    const decision = await decide(client, action, redisSources(store), readBroker(flags));
    const drifts = flags.node === undefined ? [] : await this.drifts(flags, decision);
    await this.present(canIView(decision, drifts));
    const isPartial = drifts.some(({ state }) => state === 'unreachable');
    if (!decision.allowed) process.exitCode = EXIT_CODES.failed;
    else if (isPartial) process.exitCode = EXIT_CODES.partial;
  }

  /** What a node has cached is looked at only where one is named: most brokers are not reached over Erlang. */
  private async drifts(
    flags: Parameters<typeof askForDrift>[0],
    decision: Decision,
  ): Promise<readonly Drift[]> {
    const { askForDrift } = await import('../../lib/cli/acl-drift.js');
    return await askForDrift(flags, decision, process.env);
  }
}
