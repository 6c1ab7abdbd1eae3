import { decodeTermAt } from '../../../../../src/lib/admin/erlang/term/decode.js';
import { Atom, type Term } from '../../../../../src/lib/admin/erlang/term/types.js';

/** A recorded message between two nodes: its terms as they travelled, and the atoms that they refer to. */
export interface RecordedMessage {
  readonly bytes: Buffer;
  readonly atoms: readonly Atom[];
  readonly terms: readonly Term[];
}

export interface Recording {
  readonly scenarios: readonly {
    readonly connections: readonly {
      readonly kind: string;
      readonly segments: readonly { readonly dir: string; readonly hex: string }[];
    }[];
  }[];
}

/** Messages of the handshake, each with a length of two bytes: those of the client and those of the server. */
const HANDSHAKE = { client: 2, server: 3 };
type Side = keyof typeof HANDSHAKE;

/** All messages of both sides of all connections in a recording. Source: "External Term Format", Distribution Header. */
export function messagesOf({ scenarios }: Recording): RecordedMessage[] {
  const connections = scenarios
    .flatMap(({ connections }) => connections)
    .filter(({ kind }) => kind === 'dist');
  return connections.flatMap(({ segments }) =>
    (['client', 'server'] as const).flatMap((side) => {
      const hex = segments.filter(({ dir }) => dir === side).map((segment) => segment.hex);
      const cache = new Map<number, Atom>();
      return framesOf(Buffer.from(hex.join(''), 'hex'), side).map((frame) => message(frame, cache));
    }),
  );
}

function framesOf(bytes: Buffer, side: Side): Buffer[] {
  let at = 0;
  for (let count = 0; count < HANDSHAKE[side] && at < bytes.length; count += 1)
    at += 2 + bytes.readUInt16BE(at);
  const frames: Buffer[] = [];
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at);
    if (length > 0) frames.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}

function message(frame: Buffer, cache: Map<number, Atom>): RecordedMessage {
  if (frame.readUInt16BE(0) !== 0x8344) throw new Error('not a message with an ordinary header');
  const { atoms, end } = header(frame, cache);
  const bytes = frame.subarray(end);
  const terms: Term[] = [];
  for (let at = 0; at < bytes.length; ) {
    const decoded = decodeTermAt(bytes, at, { atoms });
    terms.push(decoded.term);
    at = decoded.end;
  }
  return { bytes, atoms, terms };
}

function header(frame: Buffer, cache: Map<number, Atom>): { readonly atoms: Atom[]; readonly end: number } {
  const count = frame.readUInt8(2);
  if (count === 0) return { atoms: [], end: 3 };
  // Half a byte for each atom and one more for the flags of all: whether lengths are two bytes.
  const flags = (index: number) => (frame.readUInt8(3 + (index >> 1)) >> (index % 2 === 0 ? 0 : 4)) & 15;
  const lengthBytes = (flags(count) & 1) === 1 ? 2 : 1;
  let at = 3 + (count >> 1) + 1;
  const atoms = Array.from({ length: count }, (_, index) => {
    const slot = ((flags(index) & 7) << 8) | frame.readUInt8(at++);
    if ((flags(index) & 8) !== 0) {
      const length = frame.readUIntBE(at, lengthBytes);
      at += lengthBytes;
      cache.set(slot, new Atom(frame.toString('utf8', at, at + length)));
      at += length;
    }
    const atom = cache.get(slot);
    if (!atom) throw new Error(`no atom in slot ${slot}`);
    return atom;
  });
  return { atoms, end: at };
}
