import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';
import { ErlangError, type ErlangErrorCode } from '../erlang/error.js';
import { Atom, Pid } from '../erlang/term/types.js';
import { toFailure } from '../failure.js';
import { failed } from '../outcomes.js';
import type {
  AdminCommand,
  AdminReply,
  AdminRpc,
  CachedLists,
  CallOptions,
  Channel,
  Classification,
  NodeView,
  QueueSummary,
  ViewOptions,
  ViewsReply,
} from '../rpc.js';
import { classifyTunnelFailure } from '../ssh/classify-error.js';
import type { OpenStream } from '../ssh/tunnel.js';
import { parseErlangUrl } from './address.js';
import { classifyErlangError } from './classify-error.js';
import { expected } from './expected-error.js';
import type { Call } from './leave-processes.js';
import {
  readChannel,
  readMembers,
  readNames,
  readProcess,
  readQueueSummary,
  readStatus,
} from './readings.js';
import { Session } from './session.js';

export interface ErlangAdminOptions {
  /** Such as `erl://VerneMQ@172.16.16.13`. */
  readonly url: string;
  readonly cookie: Secret;
  /** Where epmd listens, if not on its usual port. */
  readonly epmdPort?: number | undefined;
  /** What to call it, if that is not its URL. */
  readonly address?: string | undefined;
  /** Reaches it through an SSH host. */
  readonly openStream?: OpenStream | undefined;
}

/** One node over Erlang distribution: what `vmq-admin` itself uses (vernemq.md §6), as a hidden node. */
export class ErlangAdminRpc implements AdminRpc {
  readonly address: string;
  readonly streams = true;
  private readonly session: Session;

  /** @throws Failure (bug) for a URL that was not checked */
  constructor({ url, cookie, epmdPort, address = url, openStream }: ErlangAdminOptions) {
    const node = parseErlangUrl(url);
    if (!node) throw new Failure('bug', 'bad_erlang_url', `no address of an Erlang node: ${url}`);
    this.address = address;
    this.session = new Session({ ...node, cookie, epmdPort, openStream });
  }

  async call(command: AdminCommand, options: CallOptions): Promise<AdminReply> {
    // What knows all commands is not needed for a look at the cluster.
    const { runCommand } = await import('./run-command.js');
    try {
      return await runCommand(this.session, command, options);
    } catch (thrown) {
      return { ...this.classify(command, thrown), elements: [] };
    }
  }

  /**
   * Its own status, and that of the nodes it is connected with, each fetched through it: nodes that cannot be reached
   * from here are seen as well. One that does not answer in time is left out.
   *
   * @throws Failure
   */
  async views(options: ViewOptions): Promise<ViewsReply> {
    const until = performance.now() + (options.deadline || LONGEST_LOOK);
    const [self, own, peers] = await this.all([
      this.session.name(options),
      this.session.call('vmq_status_http', 'node_status', [], options),
      options.alone ? [] : this.session.call('erlang', 'nodes', [], options),
    ]);
    const ownView = readStatus(self, own);
    if (!ownView) throw this.garbled('node_status');
    const rest = { ...options, deadline: Math.max(1, until - performance.now()) };
    const others = await this.all(readNames(peers).map((peer) => this.viewThrough(peer, rest)));
    return { self, views: [ownView, ...others.filter((view) => view !== undefined)] };
  }

  /** @throws Failure */
  async membership(options: CallOptions): Promise<NodeView> {
    const [node, status] = await this.all([
      this.session.name(options),
      this.session.call('vmq_cluster', 'status', [], options),
    ]);
    const members = readMembers(status);
    if (!members) throw this.garbled('cluster status');
    return { node, version: null, members, listeners: [], counters: null };
  }

  /** @throws Failure */
  async queueSummary(options: CallOptions): Promise<QueueSummary> {
    const [counts] = await this.all([this.session.call('vmq_queue_sup_sup', 'summary', [], options)]);
    const summary = readQueueSummary(counts);
    if (!summary) throw this.garbled('queue summary');
    return summary;
  }

  /** @throws Failure */
  async isLeaveRunning(options: CallOptions): Promise<boolean> {
    const { hasLeaveProcess } = await import('./leave-processes.js');
    const [isRunning] = await this.all([
      hasLeaveProcess((module, name, args) => this.session.call(module, name, args, options)),
    ]);
    return isRunning;
  }

  /** @throws Failure */
  async isTracing(options: CallOptions): Promise<boolean> {
    const [tracer] = await this.all([
      this.session.call('erlang', 'whereis', [new Atom('vmq_tracer')], options),
    ]);
    return tracer instanceof Pid;
  }

  /** @throws Failure */
  async aclCache(
    mountpoint: string,
    clientId: string,
    options: CallOptions,
  ): Promise<CachedLists | null | undefined> {
    const { readAclCache } = await import('./acl-cache.js');
    const call: Call = (module, name, args) => this.session.call(module, name, args, options);
    const [cache] = await this.all([readAclCache(call, mountpoint, clientId)]);
    if (cache === 'garbled') throw this.garbled('ACL cache');
    return cache;
  }

  /** A node to which it keeps no connection at all is left out. @throws Failure */
  async dataChannels(others: readonly string[], options: CallOptions): Promise<ReadonlyMap<string, Channel>> {
    const [found] = await this.all([
      Promise.all(others.map(async (other) => [other, await this.channelTo(other, options)] as const)),
    ]);
    return new Map(found.flatMap(([other, channel]) => (channel ? [[other, channel]] : [])));
  }

  /** No API key is involved here, so none can be missing; but the node has to answer. */
  async isOpen(options: CallOptions): Promise<boolean> {
    await this.all([this.session.name(options)]);
    return true;
  }

  close(): void {
    this.session.close();
  }

  /** Each link has a process of its own (`vmq_cluster_node`), which says how it stands. */
  private async channelTo(other: string, options: CallOptions): Promise<Channel | undefined> {
    const link = readProcess(
      await this.session.call('vmq_cluster_node_sup', 'get_cluster_node', [new Atom(other)], options),
    );
    return link && readChannel(await this.session.call('vmq_cluster_node', 'status', [link], options));
  }

  /** A frozen member must not cost what the others have said: less than the time that is left. */
  private async viewThrough(peer: string, options: CallOptions): Promise<NodeView | undefined> {
    const patience = Math.max(1, Math.floor(options.deadline / 2.5));
    const args = [new Atom(peer), new Atom('vmq_status_http'), new Atom('node_status'), [], patience];
    try {
      return readStatus(peer, await this.session.call('rpc', 'call', args, options));
    } catch (thrown) {
      // The `{badrpc, …}` that it got from the peer looks as if it were its own.
      if (thrown instanceof ErlangError && OF_PEER.has(thrown.code)) return undefined;
      throw thrown;
    }
  }

  /** Waits for all; the first error ends it, as a failure that the operator can read. */
  private async all<Terms extends readonly unknown[]>(
    answers: readonly [...{ [Index in keyof Terms]: Promise<Terms[Index]> | Terms[Index] }],
  ): Promise<Terms> {
    try {
      return (await Promise.all(answers)) as unknown as Terms;
    } catch (thrown) {
      throw toFailure(this.address, this.classify(undefined, thrown));
    }
  }

  private classify(command: AdminCommand | undefined, thrown: unknown): Classification {
    const isOfTunnel = thrown instanceof Failure && thrown.kind !== 'interrupted';
    if (isOfTunnel) return classifyTunnelFailure(thrown, this.address);
    return classifyErlangError(command, expected(thrown));
  }

  private garbled(what: string): Failure {
    const hint = 'Does it run another version? Try its management API instead.';
    return toFailure(this.address, failed('garbled_reply', `its ${what} is not what a VerneMQ says`, hint));
  }
}

const OF_PEER: ReadonlySet<ErlangErrorCode> = new Set(['badrpc', 'exit', 'deadline']);

/** Milliseconds, where the operator has set no limit. */
const LONGEST_LOOK = 10_000;
