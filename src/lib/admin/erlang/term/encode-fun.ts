import { type AtomIndex, writeAtom } from './encode-atom.js';
import { arityByte, word, writePid } from './encode-identifier.js';
import { writeInteger } from './encode-number.js';
import { badTerm } from './limits.js';
import { FUN_EXT, NEW_FUN_EXT } from './tags.js';
import type { Fun, OldFun } from './types.js';
import type { Writer } from './writer.js';

/**
 * Writes all of a fun but its free variables.
 *
 * @returns what is to be called after the free variables are written, when the size is known
 */
export function openFun(writer: Writer, fun: Fun, atomIndex: AtomIndex): () => void {
  if (fun.unique.length !== 16) throw badTerm(`a fun with a checksum of ${fun.unique.length} bytes`);
  writer.u8(NEW_FUN_EXT);
  const start = writer.length;
  writer.u32(0);
  writer.u8(arityByte(fun.arity));
  writer.raw(fun.unique);
  writer.u32(word(fun.index, 'the index of a fun'));
  writer.u32(fun.free.length);
  writeAtom(writer, fun.module, atomIndex);
  writeInteger(writer, fun.oldIndex);
  writeInteger(writer, fun.oldUnique);
  writePid(writer, fun.pid, atomIndex);
  return () => writer.setU32(writer.length - start, start);
}

/** As `openFun`; FUN_EXT does not tell its size. */
export function openOldFun(writer: Writer, fun: OldFun, atomIndex: AtomIndex): undefined {
  writer.u8(FUN_EXT);
  writer.u32(fun.free.length);
  writePid(writer, fun.pid, atomIndex);
  writeAtom(writer, fun.module, atomIndex);
  writeInteger(writer, fun.index);
  writeInteger(writer, fun.unique);
}
