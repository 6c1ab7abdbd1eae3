import type { NodeRegistration } from '../../../src/lib/admin/erlang/epmd.js';

/** The messages of epmd that only its own side, or a node that can be called, needs. */

export type EpmdRequest =
  | { readonly kind: 'port_please'; readonly name: string }
  | ({ readonly kind: 'alive' } & NodeRegistration);

export function decodeEpmdRequest(bytes: Buffer): EpmdRequest {
  const body = bytes.subarray(2);
  if (bytes.readUInt16BE(0) !== body.length) throw new RangeError('not as long as it says');
  if (body[0] === 122) return { kind: 'port_please', name: body.toString('utf8', 1) };
  if (body[0] === 120) return { kind: 'alive', ...decodeRegistration(body.subarray(1)) };
  throw new RangeError(`epmd request ${body[0]}`);
}

export function encodeAlive(registration: NodeRegistration): Buffer {
  const body = Buffer.concat([Buffer.from([120]), encodeRegistration(registration)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([length, body]);
}

/** The answer to `alive`, with 32 bits of creation. */
export function encodeAliveAnswer(creation: number): Buffer {
  const answer = Buffer.from([118, 0, 0, 0, 0, 0]);
  answer.writeUInt32BE(creation, 2);
  return answer;
}

export function decodeAliveAnswer(bytes: Buffer): number {
  if (bytes.length !== 6 || bytes.readUInt16BE(0) !== 118 * 256) throw new RangeError('not an alive answer');
  return bytes.readUInt32BE(2);
}

/** The answer to `port_please`. */
export function encodePortAnswer(registration: NodeRegistration | undefined): Buffer {
  if (!registration) return Buffer.from([119, 1]);
  return Buffer.concat([Buffer.from([119, 0]), encodeRegistration(registration)]);
}

function decodeRegistration(bytes: Buffer): NodeRegistration {
  const nameEnd = 10 + bytes.readUInt16BE(8);
  const extraEnd = nameEnd + 2 + bytes.readUInt16BE(nameEnd);
  if (extraEnd !== bytes.length) throw new RangeError(`${bytes.length - extraEnd} bytes left over`);
  return {
    port: bytes.readUInt16BE(0),
    nodeType: bytes.readUInt8(2),
    protocol: bytes.readUInt8(3),
    highestVersion: bytes.readUInt16BE(4),
    lowestVersion: bytes.readUInt16BE(6),
    name: bytes.toString('utf8', 10, nameEnd),
    extra: bytes.subarray(nameEnd + 2),
  };
}

function encodeRegistration(registration: NodeRegistration): Buffer {
  const name = Buffer.from(registration.name);
  const bytes = Buffer.alloc(12 + name.length);
  bytes.writeUInt16BE(registration.port, 0);
  bytes.writeUInt8(registration.nodeType, 2);
  bytes.writeUInt8(registration.protocol, 3);
  bytes.writeUInt16BE(registration.highestVersion, 4);
  bytes.writeUInt16BE(registration.lowestVersion, 6);
  bytes.writeUInt16BE(name.length, 8);
  name.copy(bytes, 10);
  bytes.writeUInt16BE(registration.extra.length, 10 + name.length);
  return Buffer.concat([bytes, registration.extra]);
}
