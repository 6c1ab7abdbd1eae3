import * as Flags from '@oclif/core/flags';
import { recordKey } from '../../lib/acl/key.js';
import { bounceFlags } from '../../lib/cli/acl-bounce-flags.js';
import { nameFlags, passwordFlags } from '../../lib/cli/acl-command.js';
import { AclRecordCommand } from '../../lib/cli/acl-record-command.js';

const entryFlag = (summary: string) =>
  Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: 'ENTRY', summary });

export default class AclSet extends AclRecordCommand {
  static override summary = 'Create or change one user record.';
  static override description =
    'Changes only what is named; what others write meanwhile is not lost. An ENTRY is a pattern such as sensors/%c/#, or a JSON object such as {"pattern":"a/#","max_qos":1}. Brokers read a record when a client connects: one that is connected keeps its rights until it connects again, which --disconnect sees to: its subscriptions and messages stay. Exit codes with --disconnect: 3 clients could not be disconnected, 75 clients are not back yet.';
  static override examples = [
    "<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --publish '#' --subscribe '#' --password-from env:DEVICE_PASSWORD",
    '<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --publish hello --subscribe say',
    '<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --publish hello --disconnect --node http://172.16.16.13:8888',
    `<%= config.bin %> <%= command.id %> client-id=1528361231 username=101 --add-publish '{"pattern":"alarms/%c","max_qos":1}'`,
  ];
  static override flags = {
    ...nameFlags,
    publish: entryFlag('What the client may publish: the whole list, one flag for each entry.'),
    subscribe: entryFlag('What the client may subscribe to: the whole list, one flag for each entry.'),
    'no-publish': Flags.boolean({ summary: 'The client may publish nothing.' }),
    'no-subscribe': Flags.boolean({ summary: 'The client may subscribe to nothing.' }),
    'add-publish': entryFlag('Adds to what the client may publish; repeatable.'),
    'add-subscribe': entryFlag('Adds to what the client may subscribe to; repeatable.'),
    ...passwordFlags,
    'topic-max-depth': Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'topic_max_depth of the brokers, where it is not 10.',
    }),
    replace: Flags.boolean({ summary: 'Write a new record, whatever is there; everything must be named.' }),
    ...bounceFlags,
    'dry-run': Flags.boolean({ summary: 'Say what would be written, and write nothing.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(AclSet);
    const name = this.recordName(flags);
    const { needsPassword, readSetRequest, withPasshash } = await import('../../lib/acl/set-request.js');
    const { setRecord } = await import('../../lib/acl/set.js');
    const { setView } = await import('../../lib/cli/views/acl-record.js');
    let input = await readSetRequest(name, flags, process.env, this.canAsk);
    const brokers = await this.brokersFor(flags);
    const { store, url } = await this.openNamedStore(flags);
    if (this.canAsk && (await needsPassword(store, input.request))) {
      input = withPasshash(input, await this.askPasshash(name, flags.cost));
    }
    const key = recordKey(name);
    const unfinished = brokers && !flags['dry-run'] ? await this.unfinishedOf(url, key) : undefined;
    const report = await this.noting(unfinished, [key], () => setRecord(store, input.request));
    const changed = new Set(report.outcome === 'unchanged' ? [] : [key]);
    const sessions =
      brokers && unfinished ? await this.disconnectClients(brokers, { store, unfinished, changed }) : null;
    await this.present(setView(report, input.remarks, sessions));
    await this.exitAs(sessions);
  }
}
