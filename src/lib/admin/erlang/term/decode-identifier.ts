import type { AtomDecoder } from './decode-atom.js';
import { readInteger } from './decode-number.js';
import { badTerm, REFERENCE_WORDS } from './limits.js';
import type { Reader } from './reader.js';
import {
  EXPORT_EXT,
  NEW_PID_EXT,
  NEW_PORT_EXT,
  NEW_REFERENCE_EXT,
  NEWER_REFERENCE_EXT,
  PID_EXT,
  PORT_EXT,
  REFERENCE_EXT,
  V4_PORT_EXT,
} from './tags.js';
import { Export, Pid, Port, Reference } from './types.js';

/**
 * Pids, ports, references and `fun M:F/A`. The older tags have a creation of one byte.
 *
 * @returns undefined where the tag is none of these
 */
export function readIdentifier(
  reader: Reader,
  atoms: AtomDecoder,
  tag: number,
): Pid | Port | Reference | Export | undefined {
  switch (tag) {
    case NEW_PID_EXT:
      return new Pid(atoms.required('the node of a pid'), reader.u32(), reader.u32(), reader.u32());
    case PID_EXT:
      return new Pid(atoms.required('the node of a pid'), reader.u32(), reader.u32(), reader.u8());
    case NEW_PORT_EXT:
      return new Port(atoms.required('the node of a port'), reader.u32(), reader.u32());
    case PORT_EXT:
      return new Port(atoms.required('the node of a port'), reader.u32(), reader.u8());
    case V4_PORT_EXT:
      return new Port(atoms.required('the node of a port'), safe(reader.u64()), reader.u32());
    case NEWER_REFERENCE_EXT:
      return readReference(reader, atoms, () => reader.u32());
    case NEW_REFERENCE_EXT:
      return readReference(reader, atoms, () => reader.u8());
    case REFERENCE_EXT:
      return readOldReference(reader, atoms);
    case EXPORT_EXT:
      return readExport(reader, atoms);
    default:
      return undefined;
  }
}

/** A pid where the format has nothing else. */
export function readPid(reader: Reader, atoms: AtomDecoder): Pid {
  const tag = reader.u8();
  const pid = tag === NEW_PID_EXT || tag === PID_EXT ? readIdentifier(reader, atoms, tag) : undefined;
  if (!(pid instanceof Pid)) throw badTerm(`a fun must have a pid, but its tag is ${tag}`);
  return pid;
}

function readReference(reader: Reader, atoms: AtomDecoder, readCreation: () => number): Reference {
  const words = reader.u16();
  if (words < 1 || words > REFERENCE_WORDS) throw badTerm(`a reference of ${words} words`);
  const node = atoms.required('the node of a reference');
  const creation = readCreation();
  const ids = Array.from({ length: words }, () => reader.u32());
  return new Reference(node, creation, ids);
}

function readOldReference(reader: Reader, atoms: AtomDecoder): Reference {
  const node = atoms.required('the node of a reference');
  const id = reader.u32();
  return new Reference(node, reader.u8(), [id]);
}

function readExport(reader: Reader, atoms: AtomDecoder): Export {
  const module = atoms.required('the module of a fun');
  const name = atoms.required('the name of a fun');
  const arity = readInteger(reader, reader.u8(), 8);
  if (typeof arity !== 'number' || arity < 0 || arity > 255)
    throw badTerm('the arity of a fun must be an integer from 0 to 255');
  return new Export(module, name, arity);
}

const safe = (id: bigint): number | bigint => (id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : id);
