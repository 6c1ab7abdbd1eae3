import { randomBytes, randomInt } from 'node:crypto';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Connection } from './connection.js';
import { EPMD_PORT, lookUpNode } from './epmd.js';
import { ErlangError } from './error.js';
import type { FrameSplitter } from './frame/splitter.js';
import type { HandshakeVersion } from './handshake/messages.js';
import { PacketReader } from './handshake/packets.js';
import { NameRefused, performHandshake } from './handshake/perform.js';
import { Limit, type LimitOptions } from './limit.js';
import { Identifiers } from './process/identifiers.js';
import { Processes, type Send } from './process/processes.js';
import { type CallOptions, RemoteCalls } from './rpc/calls.js';
import { ServedRequests } from './rpc/served.js';
import { type OpenStream, openPort } from './tcp.js';
import { Atom, type Term } from './term/types.js';

export interface ConnectOptions extends LimitOptions {
  /** The node's full name, such as `VerneMQ@10.0.0.1`. */
  readonly node: string;
  readonly cookie: string;
  /** Where to connect to; by default what stands after the `@`. */
  readonly host?: string | undefined;
  /** The node's own port, where epmd is not to be asked. */
  readonly port?: number | undefined;
  /** By default 4369. */
  readonly epmdPort?: number | undefined;
  /** Reaches epmd and the node in another way than by TCP from here. */
  readonly openStream?: OpenStream | undefined;
  /**
   * Our own name: with an `@` as it is, otherwise random digits and our address are added. Default `vmqctl`.
   * No other node that is connected to the same node may have it.
   */
  readonly name?: string | undefined;
  /** Milliseconds for all of connecting; 0 for none. Default 7000, as in OTP. */
  readonly deadline?: number | undefined;
  /**
   * Milliseconds without a byte after which the node counts as silent; should not be below its own
   * `net_ticktime`, for that says how often it gives a sign of life. Ours are given every second, which suits any
   * `net_ticktime` from 2 seconds on. Default 60000, as in OTP.
   */
  readonly tickTime?: number | undefined;
}

/** A connection to an Erlang node, as a hidden node of our own. */
export interface ErlangNode {
  /** The other node's name. */
  readonly name: string;
  /** Our own. */
  readonly ownName: string;
  /** Settles with the reason once the connection is over. */
  readonly closed: Promise<ErlangError>;
  /**
   * Calls a function there, as `rpc:call/4` does. Many calls may be under way at the same time.
   * Without a deadline it waits for as long as the function runs and the connection stands. What is given up
   * goes on running there.
   *
   * @returns what the function returns, or throws
   * @throws ErlangError `exit` (it failed; `term` has the reason), `badrpc` (it could not be called), `bad_term`,
   *   `connection_lost` (also where its server of calls went down), `peer_silent`, `bad_frame`, `deadline`, `aborted`
   */
  call(module: string, name: string, args: readonly Term[], options?: CallOptions): Promise<Term>;
  /** Ends the connection; calls without an answer fail with `aborted`. */
  close(): void;
}

/** The connection times out like OTP's own (`net_setuptime`). */
const DEFAULT_DEADLINE = 7000;
const DEFAULT_TICK_TIME = 60_000;
const DEFAULT_NAME = 'vmqctl';

/**
 * Connects to an Erlang node of OTP 21 or later. Nothing is ever run on our own side.
 *
 * @throws ErlangError `host_unknown`, `epmd_down`, `epmd_silent`, `node_not_registered`, `port_closed`,
 *   `port_silent`, `not_a_node`, `other_node`, `version_mismatch`, `wrong_cookie`, `name_conflict`, `not_allowed`,
 *   `aborted`
 */
export async function connectNode(options: ConnectOptions): Promise<ErlangNode> {
  const limit = new Limit({ ...options, deadline: options.deadline ?? DEFAULT_DEADLINE });
  const at = options.node.indexOf('@');
  const host = options.host ?? options.node.slice(at + 1);
  if (at < 1 || host === '')
    throw new ErlangError('host_unknown', `not the full name of a node: ${JSON.stringify(options.node)}`);
  if (options.port !== undefined) return connectUnknownVersion(options, host, options.port, limit);
  const { epmdPort = EPMD_PORT, openStream } = options;
  const found = await lookUpNode(options.node.slice(0, at), host, epmdPort, limit, openStream);
  return connectPort(options, host, found.port, versionFor(options.node, found), limit);
}

/** Only the newer handshake is certain to be understood by OTP 25 and later, only the older by OTP 22. */
async function connectUnknownVersion(
  options: ConnectOptions,
  host: string,
  port: number,
  limit: Limit,
): Promise<ErlangNode> {
  try {
    return await connectPort(options, host, port, 6, limit);
  } catch (error) {
    if (!(error instanceof NameRefused)) throw error;
    return await connectPort(options, host, port, 5, limit);
  }
}

function versionFor(
  node: string,
  { highestVersion, lowestVersion }: { readonly highestVersion: number; readonly lowestVersion: number },
): HandshakeVersion {
  if (highestVersion >= 6 && lowestVersion <= 6) return 6;
  if (highestVersion === 5) return 5;
  const versions = `${lowestVersion} to ${highestVersion}`;
  throw new ErlangError(
    'version_mismatch',
    `${node} speaks versions ${versions} of the protocol, not 5 or 6`,
  );
}

async function connectPort(
  options: ConnectOptions,
  host: string,
  port: number,
  version: HandshakeVersion,
  limit: Limit,
): Promise<ErlangNode> {
  const { node, cookie } = options;
  const failures = { what: node, closed: 'port_closed', silent: 'port_silent' } as const;
  const socket = await openPort({ host, port, openStream: options.openStream }, failures, limit);
  const name = ownName(options.name ?? DEFAULT_NAME, socket);
  // Nodes that speak version 5 have creations of two bits themselves, though they take others as well.
  const creation = version === 6 ? randomInt(4, 2 ** 32) : randomInt(1, 4);
  const packets = new PacketReader(socket);
  const handshake = performHandshake(socket, packets, { version, name, creation, cookie, peer: node });
  await limit.within({
    work: handshake,
    late: () =>
      new ErlangError('port_silent', `${node} at ${host}:${port} does not go on with the handshake`),
    stop: () => socket.destroy(),
  });
  return openNode(options, socket, packets.release(), new Identifiers(name, creation));
}

function ownName(name: string, stream: Duplex): string {
  if (name.includes('@')) return name;
  const address = stream instanceof Socket ? stream.localAddress : undefined;
  return `${name}_${randomBytes(6).toString('hex')}@${address ?? 'localhost'}`;
}

function openNode(
  options: ConnectOptions,
  socket: Duplex,
  splitter: FrameSplitter,
  identifiers: Identifiers,
): ErlangNode {
  const peer = options.node;
  const tickTime = options.tickTime ?? DEFAULT_TICK_TIME;
  const connection = new Connection(socket, splitter, {
    peer,
    tickTime,
    onSignal: (signal, payload) => processes.handle(signal, payload),
  });
  const send: Send = (control, payload) => connection.send(control, payload);
  const answer: Send = (control, payload) => connection.answer(control, payload);
  const fail = (error: unknown) => connection.fail(error);
  const processes = new Processes(identifiers, answer, (request, args) => served.onSpawn(request, args));
  const calls = new RemoteCalls({ peer, identifiers, processes, send, answer, fail });
  const leader = calls.leader.bind(calls);
  const served = new ServedRequests({ identifiers, processes, send: answer, leader });
  void connection.ended.then((error) => calls.failAll(error));
  return {
    name: peer,
    ownName: identifiers.node.name,
    closed: connection.ended,
    call: async (module, name, args, callOptions = {}) => {
      if (connection.error) throw connection.error;
      return calls.call({ module: new Atom(module), name: new Atom(name), args }, callOptions);
    },
    close: () => connection.close(),
  };
}
