import { Failure } from '../../failure.js';
import type { SshHost } from '../../ssh/host.js';
import { toFailure } from '../failure.js';
import { failed } from '../outcomes.js';
import type {
  AdminCommand,
  AdminReply,
  AdminRpc,
  CallOptions,
  NodeView,
  ViewOptions,
  ViewsReply,
} from '../rpc.js';
import { classifySshFailure } from './classify-error.js';
import { readMembers, readName, toView } from './readings.js';
import type { VmqAdminOptions } from './vmq-admin-line.js';

export interface SshAdminOptions {
  /** Such as `ssh://root@172.16.16.13`, for people. */
  readonly address: string;
  /** Asked for with each call, because what is wrong with the configuration of a host is a failure of that call. */
  readonly host: () => SshHost;
  readonly vmqAdmin?: VmqAdminOptions | undefined;
}

/** One node by its host's own `vmq-admin`, run over SSH (vernemq.md §6). */
export class SshAdminRpc implements AdminRpc {
  readonly address: string;
  readonly streams = true;
  private name: Promise<string> | undefined;

  constructor(private readonly options: SshAdminOptions) {
    this.address = options.address;
  }

  async call(command: AdminCommand, options: CallOptions): Promise<AdminReply> {
    // What knows all commands is not needed before there is one.
    const { runCommand } = await import('./run-command.js');
    try {
      const host = this.options.host();
      return await runCommand(host, this.options.vmqAdmin ?? {}, command, options);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind === 'interrupted' || thrown.kind === 'usage')
        throw thrown;
      return { ...classifySshFailure(command, thrown, this.address), elements: [] };
    }
  }

  /**
   * Its own view alone: from the host of one node, no other can be asked what it sees.
   *
   * @throws Failure
   */
  async views(options: ViewOptions): Promise<ViewsReply> {
    const [self, show, listeners, status] = await Promise.all([
      this.nameOf(options),
      this.ask('cluster show', options),
      this.ask('listener show', options),
      this.call({ words: ['node', 'status'] }, options),
    ]);
    const members = readMembers(show);
    if (!members) throw this.garbled('cluster show');
    // Brokers before 2.0 do not know the command.
    if (status.outcome !== 'done' && status.outcome !== 'refused') throw toFailure(this.address, status);
    const view = toView(self, members, listeners, status.outcome === 'done' ? status : undefined);
    if (!view) throw this.garbled('node status');
    return { self, views: [view] };
  }

  /** @throws Failure */
  async membership(options: CallOptions): Promise<NodeView> {
    const [node, show] = await Promise.all([this.nameOf(options), this.ask('cluster show', options)]);
    const members = readMembers(show);
    if (!members) throw this.garbled('cluster show');
    return { node, version: null, members, listeners: [], counters: null };
  }

  /** No API key is involved here, so none can be missing; but the node has to answer. */
  async isOpen(options: CallOptions): Promise<boolean> {
    await this.ask('cluster show', options);
    return true;
  }

  /** The connection is shared, and ends with the others of whoever made it. */
  close(): void {
    this.name = undefined;
  }

  /** The name by which the node calls itself. It is asked for once: each question costs the host a run of vmq-admin. */
  private async nameOf(options: CallOptions): Promise<string> {
    const name = this.name ?? this.askName(options);
    this.name = name;
    try {
      return await name;
    } catch (thrown) {
      if (this.name === name) this.name = undefined;
      throw thrown;
    }
  }

  private async askName(options: CallOptions): Promise<string> {
    const name = readName(await this.ask('show max_client_id_size', options));
    if (name === undefined) throw this.garbled('show');
    return name;
  }

  private async ask(question: string, { deadline, signal }: CallOptions): Promise<AdminReply> {
    const reply = await this.call({ words: question.split(' ') }, { deadline, signal });
    if (reply.outcome !== 'done') throw toFailure(this.address, reply);
    return reply;
  }

  private garbled(what: string): Failure {
    const hint = 'Does it run another version? Try its management API instead.';
    return toFailure(this.address, failed('garbled_reply', `its ${what} is not what a VerneMQ says`, hint));
  }
}
