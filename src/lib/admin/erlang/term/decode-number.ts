import { badTerm } from './limits.js';
import type { Reader } from './reader.js';
import {
  FLOAT_EXT,
  INTEGER_EXT,
  LARGE_BIG_EXT,
  NEW_FLOAT_EXT,
  SMALL_BIG_EXT,
  SMALL_INTEGER_EXT,
} from './tags.js';
import { Float } from './types.js';

/** FLOAT_EXT is what C's `sprintf` makes of it with `%.20e`, filled up with zero bytes. */
const FLOAT_TEXT_BYTES = 31;
const FLOAT_TEXT = /^ *([-+]?\d+\.\d+(?:e[-+]?\d+)?)(?:\0|$)/i;

/** Above this in its higher word, an integer of 64 bits is no safe integer. */
const SAFE_HIGH_WORD = 0x1f_ffff;

/** @returns undefined where the tag is none of an integer */
export function readInteger(reader: Reader, tag: number, maxBytes: number): number | bigint | undefined {
  switch (tag) {
    case SMALL_INTEGER_EXT:
      return reader.u8();
    case INTEGER_EXT:
      return reader.i32();
    case SMALL_BIG_EXT:
      return readBig(reader, reader.u8(), maxBytes);
    case LARGE_BIG_EXT:
      return readBig(reader, reader.u32(), maxBytes);
    default:
      return undefined;
  }
}

/** @returns undefined where the tag is none of a float */
export function readFloat(reader: Reader, tag: number): Float | undefined {
  switch (tag) {
    case NEW_FLOAT_EXT:
      return finite(reader.f64());
    case FLOAT_EXT:
      return finite(floatOfText(reader.text(FLOAT_TEXT_BYTES, 'latin1')));
    default:
      return undefined;
  }
}

/** A sign byte, then `length` bytes from the lowest to the highest. */
function readBig(reader: Reader, length: number, maxBytes: number): number | bigint {
  if (length > maxBytes) throw badTerm(`an integer of ${length} bytes, ${maxBytes} are accepted`);
  const negative = reader.u8() !== 0;
  const digits = reader.take(length);
  return length <= 8 ? upTo64Bits(digits, negative) : narrow(longMagnitude(digits), negative);
}

function upTo64Bits(digits: Buffer, negative: boolean): number | bigint {
  const low = word(digits, 0);
  const high = word(digits, 4);
  if (high > SAFE_HIGH_WORD) return narrow((BigInt(high) << 32n) | BigInt(low), negative);
  const magnitude = high * 0x1_0000_0000 + low;
  return negative && magnitude !== 0 ? -magnitude : magnitude;
}

/** The up to four bytes from `start` on, which may be fewer. */
function word(digits: Buffer, start: number): number {
  let value = 0;
  for (let at = Math.min(digits.length, start + 4) - 1; at >= start; at -= 1)
    value = value * 256 + (digits[at] ?? 0);
  return value;
}

function longMagnitude(digits: Buffer): bigint {
  return BigInt(`0x${Buffer.from(digits).reverse().toString('hex')}`);
}

/** Leading zero bytes may make a small integer long. */
function narrow(magnitude: bigint, negative: boolean): number | bigint {
  if (magnitude <= BigInt(Number.MAX_SAFE_INTEGER)) {
    const value = Number(magnitude);
    return negative && value !== 0 ? -value : value;
  }
  return negative ? -magnitude : magnitude;
}

function floatOfText(text: string): number {
  const decimal = FLOAT_TEXT.exec(text)?.[1];
  if (decimal === undefined) throw badTerm('a float that is no decimal number');
  return Number(decimal);
}

function finite(value: number): Float {
  if (!Number.isFinite(value)) throw badTerm('a float that is not finite');
  return new Float(value);
}
