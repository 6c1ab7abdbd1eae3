import { type AtomIndex, writeAtom } from './encode-atom.js';
import { badTerm, REFERENCE_WORDS } from './limits.js';
import {
  EXPORT_EXT,
  NEW_PID_EXT,
  NEW_PORT_EXT,
  NEWER_REFERENCE_EXT,
  SMALL_INTEGER_EXT,
  V4_PORT_EXT,
} from './tags.js';
import type { Export, Pid, Port, Reference } from './types.js';
import type { Writer } from './writer.js';

/** Ports with a higher number need V4_PORT_EXT. */
const HIGHEST_OLD_PORT = 0x0fff_ffff;
const HIGHEST_PORT = 0xffff_ffff_ffff_ffffn;

export function writePid(writer: Writer, pid: Pid, atomIndex: AtomIndex): void {
  writer.u8(NEW_PID_EXT);
  writeAtom(writer, pid.node, atomIndex);
  writer.u32(word(pid.id, 'the id of a pid'));
  writer.u32(word(pid.serial, 'the serial of a pid'));
  writer.u32(word(pid.creation, 'a creation'));
}

export function writePort(writer: Writer, port: Port, atomIndex: AtomIndex): void {
  const { id } = port;
  const isLong = id > HIGHEST_OLD_PORT;
  writer.u8(isLong ? V4_PORT_EXT : NEW_PORT_EXT);
  writeAtom(writer, port.node, atomIndex);
  if (isLong) writer.u64(longPort(id));
  else writer.u32(word(Number(id), 'the id of a port'));
  writer.u32(word(port.creation, 'a creation'));
}

export function writeReference(writer: Writer, reference: Reference, atomIndex: AtomIndex): void {
  const { ids } = reference;
  if (ids.length < 1 || ids.length > REFERENCE_WORDS) throw badTerm(`a reference of ${ids.length} words`);
  writer.u8(NEWER_REFERENCE_EXT);
  writer.u16(ids.length);
  writeAtom(writer, reference.node, atomIndex);
  writer.u32(word(reference.creation, 'a creation'));
  for (const id of ids) writer.u32(word(id, 'a word of a reference'));
}

export function writeExport(writer: Writer, { module, name, arity }: Export, atomIndex: AtomIndex): void {
  writer.u8(EXPORT_EXT);
  writeAtom(writer, module, atomIndex);
  writeAtom(writer, name, atomIndex);
  writer.u8(SMALL_INTEGER_EXT);
  writer.u8(arityByte(arity));
}

export function arityByte(arity: number): number {
  if (!Number.isInteger(arity) || arity < 0 || arity > 255) throw badTerm(`a fun of arity ${arity}`);
  return arity;
}

/** An unsigned integer of 32 bits. */
export function word(value: number, what: string): number {
  if (value !== value >>> 0) throw badTerm(`${what} is ${value}, it must be an integer of 32 bits`);
  return value;
}

function longPort(id: number | bigint): bigint {
  if (typeof id === 'number' && !Number.isSafeInteger(id)) throw badTerm(`the id of a port is ${id}`);
  const long = BigInt(id);
  if (long > HIGHEST_PORT) throw badTerm(`the id of a port is ${id}, it must be an integer of 64 bits`);
  return long;
}
