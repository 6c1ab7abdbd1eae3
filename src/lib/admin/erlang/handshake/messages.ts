import { ErlangError } from '../error.js';
import { DIGEST_BYTES } from './digest.js';

/**
 * The messages of the handshake, without the two bytes of length that precede each.
 * Source: "Distribution Protocol", Distribution Handshake.
 *
 * Version 5 is what OTP 22 and older speak, version 6 came with OTP 23; OTP 25 and newer refuse version 5.
 */
export type HandshakeVersion = 5 | 6;

/** What either side says of itself. Version 5 has 32 bits of flags and no creation. */
interface Introduction {
  readonly version: HandshakeVersion;
  readonly flags: bigint;
  /** undefined in version 5 */
  readonly creation: number | undefined;
  readonly node: string;
}

/** `send_name`, from the node that connects. */
export type NameMessage = Introduction;

/** `send_challenge`, from the node that was called. */
export interface ChallengeMessage extends Introduction {
  readonly challenge: number;
}

/** `send_complement`: what did not fit into a name message of version 5. */
export interface ComplementMessage {
  /** The upper 32 bits. */
  readonly flagsHigh: number;
  readonly creation: number;
}

/** `send_challenge_reply`. */
export interface ReplyMessage {
  readonly challenge: number;
  readonly digest: Buffer;
}

const LOW_FLAGS = 0xffff_ffffn;
const OLD = 'n'.charCodeAt(0);
const NEW = 'N'.charCodeAt(0);

export function encodeName(message: NameMessage): Buffer {
  return encodeIntroduction(message, Buffer.alloc(0));
}

export function decodeName(bytes: Buffer): NameMessage {
  return decodeIntroduction(bytes, 0);
}

export function encodeChallenge(message: ChallengeMessage): Buffer {
  return encodeIntroduction(message, word(message.challenge));
}

export function decodeChallenge(bytes: Buffer): ChallengeMessage {
  const introduction = decodeIntroduction(bytes, 4);
  return { ...introduction, challenge: bytes.readUInt32BE(introduction.version === 5 ? 7 : 9) };
}

/** @param status `ok`, `ok_simultaneous`, `nok`, `not_allowed`, `alive`, `true`, `false`, or `named:` and more */
export function encodeStatus(status: string): Buffer {
  return Buffer.from(`s${status}`, 'latin1');
}

export function decodeStatus(bytes: Buffer): string {
  expectTag(bytes, 's', 2);
  return bytes.toString('latin1', 1);
}

export function encodeComplement(message: ComplementMessage): Buffer {
  return Buffer.concat([Buffer.from('c'), word(message.flagsHigh), word(message.creation)]);
}

export function decodeComplement(bytes: Buffer): ComplementMessage {
  expectTag(bytes, 'c', 9);
  return { flagsHigh: bytes.readUInt32BE(1), creation: bytes.readUInt32BE(5) };
}

export function encodeReply(message: ReplyMessage): Buffer {
  return Buffer.concat([Buffer.from('r'), word(message.challenge), message.digest]);
}

export function decodeReply(bytes: Buffer): ReplyMessage {
  expectTag(bytes, 'r', 5 + DIGEST_BYTES);
  return { challenge: bytes.readUInt32BE(1), digest: bytes.subarray(5, 5 + DIGEST_BYTES) };
}

/** @param digest of the challenge in the reply */
export function encodeAcknowledgement(digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from('a'), digest]);
}

export function decodeAcknowledgement(bytes: Buffer): Buffer {
  expectTag(bytes, 'a', 1 + DIGEST_BYTES);
  return bytes.subarray(1, 1 + DIGEST_BYTES);
}

/** Puts the two bytes of length in front. */
export function packet(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** @param between what the message has between its flags and its creation (version 6) or name (version 5) */
function encodeIntroduction(message: Introduction, between: Buffer): Buffer {
  const name = Buffer.from(message.node);
  if (message.version === 5) {
    const start = Buffer.alloc(7);
    start.writeUInt8(OLD, 0);
    start.writeUInt16BE(5, 1);
    start.writeUInt32BE(Number(message.flags & LOW_FLAGS), 3);
    return Buffer.concat([start, between, name]);
  }
  const start = Buffer.alloc(9);
  start.writeUInt8(NEW, 0);
  start.writeBigUInt64BE(message.flags, 1);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  return Buffer.concat([start, between, word(message.creation ?? 0), length, name]);
}

/** @param between the bytes between flags and creation or name */
function decodeIntroduction(bytes: Buffer, between: number): Introduction {
  if (bytes[0] === OLD && bytes.length >= 7 + between)
    return {
      version: 5,
      flags: BigInt(bytes.readUInt32BE(3)),
      creation: undefined,
      node: bytes.toString('utf8', 7 + between),
    };
  const nameStart = 15 + between;
  if (bytes[0] !== NEW || bytes.length < nameStart) throw notHandshake();
  const nameEnd = nameStart + bytes.readUInt16BE(13 + between);
  if (bytes.length < nameEnd) throw notHandshake();
  return {
    version: 6,
    flags: bytes.readBigUInt64BE(1),
    creation: bytes.readUInt32BE(9 + between),
    node: bytes.toString('utf8', nameStart, nameEnd),
  };
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function expectTag(bytes: Buffer, tag: string, length: number): void {
  if (bytes[0] !== tag.charCodeAt(0) || bytes.length < length) throw notHandshake();
}

function notHandshake(): ErlangError {
  return new ErlangError('not_a_node', 'what listens there does not shake hands as an Erlang node does');
}
