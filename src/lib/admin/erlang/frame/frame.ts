import { ErlangError } from '../error.js';
import { BrokenTerm, type DecodeOptions, decodeTermAt, decodeTermOrBroken } from '../term/decode.js';
import { writeTerm } from '../term/encode.js';
import type { Atom, Term } from '../term/types.js';
import { Writer } from '../term/writer.js';
import { type AtomCache, type AtomHeader, decodeAtomHeader, encodeAtomHeader } from './header.js';

/**
 * What two connected nodes send each other, without the four bytes of length that precede each.
 * Source: "Distribution Protocol", Protocol between Connected Nodes; "External Term Format",
 * Distribution Header.
 */
export type Frame =
  /** Nothing but a sign of life. */
  | { readonly kind: 'tick' }
  /** Both terms with their version byte, no header. */
  | ({ readonly kind: 'pass_through' } & Terms)
  | ({ readonly kind: 'message'; readonly header: AtomHeader } & Terms)
  | FirstFragment
  | LaterFragment;

/** A control message, and the message, reason or arguments where one follows. */
export interface Terms {
  readonly control: Term;
  readonly payload: Term | undefined;
}

/** What came: a payload that is broken concerns only whom the control message names. */
export interface Message {
  readonly control: Term;
  readonly payload: Term | BrokenTerm | undefined;
}

/** A frame that came. */
export type ReceivedFrame =
  | Exclude<Frame, Terms>
  | ({ readonly kind: 'pass_through' } & Message)
  | ({ readonly kind: 'message'; readonly header: AtomHeader } & Message);

export interface FirstFragment {
  readonly kind: 'first_fragment';
  readonly sequence: bigint;
  /** How many fragments there are, this one included. */
  readonly fragment: bigint;
  readonly header: AtomHeader;
  readonly data: Buffer;
}

export interface LaterFragment {
  readonly kind: 'later_fragment';
  readonly sequence: bigint;
  readonly fragment: bigint;
  readonly data: Buffer;
}

const PASS_THROUGH = 112;
const VERSION = 131;
const NORMAL = 68;
const FIRST_FRAGMENT = 69;
const LATER_FRAGMENT = 70;

/** The most bytes of one frame, either way. */
export const FRAME_LIMIT = 256 * 1024 * 1024;

/** A list of characters may fill a quarter of the largest frame; each of them takes eight bytes of memory. */
const FRAME_LIMITS = { bytes: FRAME_LIMIT, elements: FRAME_LIMIT / 4 };

/**
 * @param cache of atoms that the sender of this frame has named on this connection; gets its new ones
 * @throws ErlangError `bad_frame`; `bad_term` where the control message is none
 */
export function decodeFrame(frame: Buffer, cache: AtomCache): ReceivedFrame {
  if (frame.length === 0) return { kind: 'tick' };
  if (frame[0] === PASS_THROUGH) return { kind: 'pass_through', ...decodePassThrough(frame) };
  if (frame[0] !== VERSION) throw badFrame('it begins with nothing that the protocol has');
  switch (frame[1]) {
    case NORMAL: {
      const { header, end } = decodeAtomHeader(frame, 2, cache);
      return { kind: 'message', header, ...decodeTerms(frame, end, header) };
    }
    case FIRST_FRAGMENT: {
      const ids = decodeFragmentIds(frame);
      const { header, end } = decodeAtomHeader(frame, 18, cache);
      return { kind: 'first_fragment', ...ids, header, data: frame.subarray(end) };
    }
    case LATER_FRAGMENT:
      return { kind: 'later_fragment', ...decodeFragmentIds(frame), data: frame.subarray(18) };
    default:
      throw badFrame('its distribution header is of an unknown kind');
  }
}

/** Decodes the terms of a message that has a header, or had one in its first fragment. */
export function decodeTerms(bytes: Buffer, offset: number, header: AtomHeader): Message {
  const atoms: Atom[] = header.references.map((reference) => reference.atom);
  const options = { atoms, limits: FRAME_LIMITS };
  const control = decodeTermAt(bytes, offset, options);
  if (control.end === bytes.length) return { control: control.term, payload: undefined };
  return { control: control.term, payload: decodePayload(bytes, control.end, options) };
}

/** Encodes what `decodeFrame` decodes. */
export function encodeFrame(frame: Frame): Buffer {
  switch (frame.kind) {
    case 'tick':
      return Buffer.alloc(0);
    case 'pass_through': {
      const writer = new Writer(FRAME_LIMIT);
      writePassThrough(writer, frame.control, frame.payload);
      return writer.result();
    }
    case 'message':
      return Buffer.concat([
        Buffer.from([VERSION, NORMAL]),
        encodeAtomHeader(frame.header),
        encodeTerms(frame, frame.header),
      ]);
    case 'first_fragment':
      return Buffer.concat([
        Buffer.from([VERSION, FIRST_FRAGMENT]),
        encodeFragmentIds(frame),
        encodeAtomHeader(frame.header),
        frame.data,
      ]);
    case 'later_fragment':
      return Buffer.concat([Buffer.from([VERSION, LATER_FRAGMENT]), encodeFragmentIds(frame), frame.data]);
  }
}

/** Encodes the terms of a message with references to the atoms of its header. */
export function encodeTerms(terms: Terms, header: AtomHeader): Buffer {
  const indexes = new Map(header.references.map((reference, index) => [reference.atom.name, index]));
  const options = { atomIndex: (name: string) => indexes.get(name), limits: FRAME_LIMITS };
  const writer = new Writer(FRAME_LIMIT);
  writeTerm(writer, terms.control, options);
  if (terms.payload !== undefined) writeTerm(writer, terms.payload, options);
  return writer.result();
}

/** Writes a frame of the kind that we send ourselves. */
export function writePassThrough(writer: Writer, control: Term, payload: Term | undefined): void {
  writer.u8(PASS_THROUGH);
  writer.u8(VERSION);
  writeTerm(writer, control, PLAIN);
  if (payload === undefined) return;
  writer.u8(VERSION);
  writeTerm(writer, payload, PLAIN);
}

const PLAIN = { limits: FRAME_LIMITS };

function decodePassThrough(frame: Buffer): Message {
  checkVersion(frame, 1);
  const control = decodeTermAt(frame, 2, PLAIN);
  if (control.end === frame.length) return { control: control.term, payload: undefined };
  checkVersion(frame, control.end);
  return { control: control.term, payload: decodePayload(frame, control.end + 1, PLAIN) };
}

function decodePayload(bytes: Buffer, offset: number, options: DecodeOptions): Term | BrokenTerm {
  const payload = decodeTermOrBroken(bytes, offset, options);
  if (payload instanceof BrokenTerm) return payload;
  checkEnd(bytes, payload.end);
  return payload.term;
}

function decodeFragmentIds(frame: Buffer): { readonly sequence: bigint; readonly fragment: bigint } {
  if (frame.length < 18) throw badFrame('a fragment is cut short');
  return { sequence: frame.readBigUInt64BE(2), fragment: frame.readBigUInt64BE(10) };
}

function encodeFragmentIds(frame: FirstFragment | LaterFragment): Buffer {
  const ids = Buffer.alloc(16);
  ids.writeBigUInt64BE(frame.sequence, 0);
  ids.writeBigUInt64BE(frame.fragment, 8);
  return ids;
}

function checkVersion(frame: Buffer, offset: number): void {
  if (frame[offset] !== VERSION) throw badFrame('a term in it has no version byte');
}

function checkEnd(frame: Buffer, end: number): void {
  if (end !== frame.length) throw badFrame(`${frame.length - end} bytes are left over`);
}

function badFrame(what: string): ErlangError {
  return new ErlangError('bad_frame', `a frame that the distribution protocol does not have: ${what}`);
}
