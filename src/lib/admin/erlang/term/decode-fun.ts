import type { AtomDecoder } from './decode-atom.js';
import { readPid } from './decode-identifier.js';
import { readInteger } from './decode-number.js';
import { badTerm, type TermLimits } from './limits.js';
import type { Reader } from './reader.js';
import { Fun, OldFun, type Term } from './types.js';

/** A fun of which all is read but the free variables, which are terms of any kind. */
export interface OpenFun {
  /** How many free variables follow. */
  readonly freeCount: number;
  finish(free: readonly Term[]): Fun | OldFun;
}

/** NEW_FUN_EXT after its tag. Its size counts itself and all that follows. */
export function openFun(reader: Reader, atoms: AtomDecoder, limits: TermLimits): OpenFun {
  const start = reader.offset;
  const size = reader.u32();
  const arity = reader.u8();
  const unique = reader.take(16);
  const index = reader.u32();
  const freeCount = reader.u32();
  const module = atoms.required('the module of a fun');
  const oldIndex = integer(reader, limits);
  const oldUnique = integer(reader, limits);
  const pid = readPid(reader, atoms);
  return {
    freeCount,
    finish: (free) => {
      if (reader.offset - start !== size)
        throw badTerm(`a fun of ${reader.offset - start} bytes says that it has ${size}`);
      return new Fun(arity, unique, index, module, oldIndex, oldUnique, pid, free);
    },
  };
}

/** FUN_EXT after its tag. */
export function openOldFun(reader: Reader, atoms: AtomDecoder, limits: TermLimits): OpenFun {
  const freeCount = reader.u32();
  const pid = readPid(reader, atoms);
  const module = atoms.required('the module of a fun');
  const index = integer(reader, limits);
  const unique = integer(reader, limits);
  return { freeCount, finish: (free) => new OldFun(pid, module, index, unique, free) };
}

function integer(reader: Reader, limits: TermLimits): number | bigint {
  const tag = reader.u8();
  const value = readInteger(reader, tag, limits.integerBytes);
  if (value === undefined) throw badTerm(`a fun must have an integer, but its tag is ${tag}`);
  return value;
}
