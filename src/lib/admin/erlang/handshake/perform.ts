import type { Duplex } from 'node:stream';
import { ErlangError } from '../error.js';
import { challengeDigest, createChallenge, sameDigest } from './digest.js';
import { canTalk, OFFERED_FLAGS } from './flags.js';
import {
  type ChallengeMessage,
  decodeAcknowledgement,
  decodeChallenge,
  decodeStatus,
  encodeComplement,
  encodeName,
  encodeReply,
  encodeStatus,
  type HandshakeVersion,
  packet,
} from './messages.js';
import { type PacketReader, PeerClosed } from './packets.js';

export interface HandshakeOptions {
  readonly version: HandshakeVersion;
  /** Our own full name. */
  readonly name: string;
  readonly creation: number;
  readonly cookie: string;
  /** The full name of the node that should be there. */
  readonly peer: string;
  /** Besides what we always offer. */
  readonly extraFlags?: bigint;
}

/** The capabilities that both sides have. */
export type AgreedFlags = bigint;

/** The peer closed the connection at our name: it may speak the other version only. */
export class NameRefused extends ErlangError {}

/**
 * The handshake of the side that connects.
 * Source: "Distribution Protocol", Distribution Handshake.
 *
 * @throws ErlangError `not_a_node`, `other_node`, `version_mismatch`, `wrong_cookie`, `name_conflict`,
 *   `not_allowed`
 */
export async function performHandshake(
  socket: Duplex,
  packets: PacketReader,
  options: HandshakeOptions,
): Promise<AgreedFlags> {
  const offered = OFFERED_FLAGS | (options.extraFlags ?? 0n);
  const { version, name, creation, cookie, peer } = options;
  const send = (message: Buffer) => socket.write(packet(message));

  send(encodeName({ version, flags: offered, creation, node: name }));
  const status = decodeStatus(await expectMessage(packets, () => refusedName(peer)));
  if (status === 'alive') send(encodeStatus('false'));
  checkStatus(status, name, peer);

  const challenge = decodeChallenge(await expectMessage(packets, () => brokenOff(peer)));
  checkPeer(challenge, peer);
  if (version === 5 && challenge.version === 6)
    send(encodeComplement({ flagsHigh: Number(offered >> 32n), creation }));

  const ours = createChallenge();
  send(encodeReply({ challenge: ours, digest: challengeDigest(cookie, challenge.challenge) }));
  const digest = decodeAcknowledgement(await expectMessage(packets, () => wrongCookie(peer)));
  if (!sameDigest(digest, challengeDigest(cookie, ours))) throw wrongCookie(peer);
  return offered & challenge.flags;
}

/** @param closed what it means that the peer closes instead */
async function expectMessage(packets: PacketReader, closed: () => ErlangError): Promise<Buffer> {
  try {
    return await packets.next();
  } catch (error) {
    throw error instanceof PeerClosed ? closed() : error;
  }
}

function checkStatus(status: string, name: string, peer: string): void {
  switch (status) {
    case 'ok':
    case 'ok_simultaneous':
      return;
    case 'not_allowed':
      throw new ErlangError('not_allowed', `${peer} does not allow connections from ${name}`);
    case 'nok':
      throw new ErlangError('name_conflict', `${peer} is itself connecting to a node with our name, ${name}`);
    case 'alive':
      throw new ErlangError('name_conflict', `${peer} has a connection to another node named ${name}`);
    default:
      // Also `named:`, which only answers a request that we never make.
      throw new ErlangError('not_a_node', `${peer} answered our name with a status that means nothing here`);
  }
}

function checkPeer(challenge: ChallengeMessage, peer: string): void {
  if (challenge.node !== peer)
    throw new ErlangError('other_node', `the node there is ${JSON.stringify(challenge.node)}, not ${peer}`);
  if (!canTalk(challenge.flags))
    throw new ErlangError(
      'version_mismatch',
      `${peer} is too old: it does not understand what we would send`,
    );
}

function refusedName(peer: string): ErlangError {
  return new NameRefused('not_a_node', `what listens there closed the connection when asked for ${peer}`);
}

function brokenOff(peer: string): ErlangError {
  return new ErlangError('port_closed', `${peer} closed the connection during the handshake`);
}

function wrongCookie(peer: string): ErlangError {
  return new ErlangError('wrong_cookie', `${peer} has another cookie than the one given`);
}
