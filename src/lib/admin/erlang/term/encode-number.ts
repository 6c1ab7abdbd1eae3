import { badTerm } from './limits.js';
import { INTEGER_EXT, LARGE_BIG_EXT, NEW_FLOAT_EXT, SMALL_BIG_EXT, SMALL_INTEGER_EXT } from './tags.js';
import type { Float } from './types.js';
import type { Writer } from './writer.js';

/** Writes the shortest of the tags that can hold it, as Erlang does. */
export function writeInteger(writer: Writer, value: number | bigint): void {
  if (typeof value === 'bigint') {
    if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) writeInteger(writer, Number(value));
    else writeBig(writer, value);
    return;
  }
  if (!Number.isSafeInteger(value))
    throw badTerm(`${value} is no safe integer: a float is a Float, a long integer is a bigint`);
  if (value >= 0 && value <= 255) {
    writer.u8(SMALL_INTEGER_EXT);
    writer.u8(value);
  } else if (value === (value | 0)) {
    writer.u8(INTEGER_EXT);
    writer.i32(value);
  } else {
    writeBig(writer, BigInt(value));
  }
}

export function writeFloat(writer: Writer, { value }: Float): void {
  if (!Number.isFinite(value)) throw badTerm(`Erlang has no float ${value}`);
  writer.u8(NEW_FLOAT_EXT);
  writer.f64(value);
}

function writeBig(writer: Writer, value: bigint): void {
  const digits = lowestFirst(value < 0n ? -value : value);
  if (digits.length <= 255) {
    writer.u8(SMALL_BIG_EXT);
    writer.u8(digits.length);
  } else {
    writer.u8(LARGE_BIG_EXT);
    writer.u32(digits.length);
  }
  writer.u8(value < 0n ? 1 : 0);
  writer.raw(digits);
}

/** The bytes of an integer from the lowest to the highest, which is not zero. */
function lowestFirst(magnitude: bigint): Buffer {
  const hex = magnitude.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse();
}
