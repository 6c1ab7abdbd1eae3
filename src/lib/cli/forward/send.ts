import { assertCarriable, type Carrier } from '../../admin/catalogue/carriage.js';
import { nameOf } from '../../admin/catalogue/index.js';
import type { CommandSpec } from '../../admin/catalogue/types.js';
import { toFailure } from '../../admin/failure.js';
import { knownWhere } from '../../admin/refusals.js';
import type { AdminCommand, AdminReply, AdminRpc, CallOptions } from '../../admin/rpc.js';
import { isSshUrl } from '../../admin/ssh/address.js';
import { Failure } from '../../failure.js';

/** The nodes that a command can be sent to. */
export interface Nodes {
  rpc(address: string): AdminRpc;
  readonly seeds: readonly string[];
}

export interface Forwarded {
  readonly spec: CommandSpec;
  readonly command: AdminCommand;
}

export interface Sent {
  /** Of the node that answered. */
  readonly address: string;
  readonly reply: AdminReply;
}

/**
 * Refuses what cannot be sent, before anybody is asked for consent.
 *
 * @throws Failure (usage): the command acts on one node and several are given, or no way to a node carries it
 */
export function assertSendable({ spec, command }: Forwarded, nodes: Nodes): void {
  if (actsOnOneNode(spec, command) && nodes.seeds.length > 1) {
    throw new Failure(
      'usage',
      'which_node',
      `${nameOf(spec)} is about one node, and ${nodes.seeds.length} are given`,
      {
        hint: `Name the one with --node, such as --node ${nodes.seeds[0]}.`,
      },
    );
  }
  for (const address of nodes.seeds) {
    if (spec.output === 'stream' && !nodes.rpc(address).streams) throw cannotStream(spec, address);
    assertCarriable(command, carrierOf(address));
  }
}

/** A question goes to any node: its answer says from where it came. */
function actsOnOneNode(spec: CommandSpec, { flags = [] }: AdminCommand): boolean {
  if (spec.scope === 'cluster' || (spec.changes === 'nothing' && spec.output !== 'stream')) return false;
  return !(spec.settings && flags.some(([name]) => name === 'all' || name === 'node'));
}

const cannotStream = (spec: CommandSpec, address: string) =>
  new Failure('usage', 'cannot_stream', `${nameOf(spec)} shows lines as they come, which ${address} cannot`, {
    hint: 'Reach the node with --node erl://NAME@HOST or ssh://USER@HOST.',
  });

function carrierOf(address: string): Carrier {
  if (address.startsWith('http')) return 'http';
  return isSshUrl(address) ? 'script' : 'command';
}

/**
 * Sends a command to the first node that can be reached. What may have arrived is never sent again, unless it is a
 * question.
 *
 * @param onSkipped told of each node that could not be reached
 * @throws Failure
 */
export async function sendToFirst(
  { spec, command }: Forwarded,
  nodes: Nodes,
  options: CallOptions,
  onSkipped: (failure: Failure) => void,
): Promise<Sent> {
  for (const [index, address] of nodes.seeds.entries()) {
    const reply = await call(spec, nodes.rpc(address), command, options);
    const isLast = index === nodes.seeds.length - 1;
    if (isLast || !mayTryNext(spec, address, reply)) return { address, reply };
    onSkipped(toFailure(address, reply));
  }
  throw new Failure('bug', 'no_nodes', 'there is no node to send to');
}

async function call(
  spec: CommandSpec,
  rpc: AdminRpc,
  command: AdminCommand,
  options: CallOptions,
): Promise<AdminReply> {
  try {
    return await rpc.call(command, options);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== 'interrupted' || spec.changes === 'nothing')
      throw thrown;
    throw new Failure('interrupted', 'interrupted', 'interrupted: the node may carry it out all the same', {
      hint: `Look whether ${nameOf(spec)} was done before it is repeated.`,
    });
  }
}

/** Codes of calls that ended before the command was sent. */
const NEVER_SENT = new Set([
  'unreachable',
  'tls_not_trusted',
  'host_unknown',
  'epmd_down',
  'epmd_silent',
  'node_not_registered',
  'port_closed',
  'port_silent',
]);

function mayTryNext(spec: CommandSpec, address: string, reply: AdminReply): boolean {
  if (reply.outcome === 'done') return false;
  if (NEVER_SENT.has(reply.code)) return true;
  const changedNothing = spec.changes === 'nothing' || reply.outcome === 'refused';
  return changedNothing && toFailure(address, reply).kind === 'unreachable';
}

/** The failure that a reply amounts to; undefined for `done`. The broker gives no reason for what it does not know. */
export function failureOf(
  { spec }: Forwarded,
  { address, reply }: Sent,
  details?: unknown,
): Failure | undefined {
  if (reply.outcome === 'done') return undefined;
  const { kind, code, message, hint } = toFailure(address, reply);
  const better =
    code === 'not_understood' && (spec.since ?? spec.plugin) !== undefined ? knownWhere(spec) : hint;
  return new Failure(kind, code, message, {
    hint: better,
    ...(details === undefined ? {} : { details: { reply: details } }),
  });
}
