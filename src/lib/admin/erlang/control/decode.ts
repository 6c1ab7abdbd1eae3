import { ErlangError } from '../error.js';
import { Atom, Pid, Reference, type Term, Tuple } from '../term/types.js';
import type { Control, Process, SpawnReply, SpawnRequest } from './control.js';

/** @throws ErlangError `bad_frame` where it is none */
export function decodeControl(term: Term): Control {
  if (!(term instanceof Tuple)) throw badControl();
  const [operation, a, b, c, d, e, f] = term.elements;
  checkSize(operation, term.elements.length);
  switch (operation) {
    case 1:
      return { type: 'link', from: pid(a), to: pid(b) };
    case 2:
      return { type: 'send', unused: some(a), to: pid(b) };
    case 3:
      return { type: 'exit', from: pid(a), to: pid(b), reason: some(c) };
    case 4:
      return { type: 'unlink', from: pid(a), to: pid(b) };
    case 6:
      return { type: 'reg_send', from: pid(a), unused: some(b), name: atom(c) };
    case 7:
      return { type: 'group_leader', from: pid(a), to: pid(b) };
    case 8:
      return { type: 'exit2', from: pid(a), to: pid(b), reason: some(c) };
    case 12:
      return { type: 'send', unused: some(a), to: pid(b), token: some(c) };
    case 13:
      return { type: 'exit', from: pid(a), to: pid(b), token: some(c), reason: some(d) };
    case 16:
      return { type: 'reg_send', from: pid(a), unused: some(b), name: atom(c), token: some(d) };
    case 18:
      return { type: 'exit2', from: pid(a), to: pid(b), token: some(c), reason: some(d) };
    case 19:
      return { type: 'monitor', from: pid(a), to: process(b), ref: reference(c) };
    case 20:
      return { type: 'demonitor', from: pid(a), to: process(b), ref: reference(c) };
    case 21:
      return { type: 'monitor_exit', from: process(a), to: pid(b), ref: reference(c), reason: some(d) };
    case 22:
      return { type: 'send_sender', from: pid(a), to: pid(b) };
    case 23:
      return { type: 'send_sender', from: pid(a), to: pid(b), token: some(c) };
    case 24:
      return { type: 'exit', from: pid(a), to: pid(b), reason: undefined };
    case 25:
      return { type: 'exit', from: pid(a), to: pid(b), token: some(c), reason: undefined };
    case 26:
      return { type: 'exit2', from: pid(a), to: pid(b), reason: undefined };
    case 27:
      return { type: 'exit2', from: pid(a), to: pid(b), token: some(c), reason: undefined };
    case 28:
      return { type: 'monitor_exit', from: process(a), to: pid(b), ref: reference(c), reason: undefined };
    case 29:
      return spawnRequest(a, b, c, d, e);
    case 30:
      return { ...spawnRequest(a, b, c, d, e), token: some(f) };
    case 31:
      return spawnReply(a, b, c, d);
    case 32:
      return { ...spawnReply(a, b, c, d), token: some(e) };
    case 33:
      return { type: 'alias_send', from: pid(a), alias: reference(b) };
    case 34:
      return { type: 'alias_send', from: pid(a), alias: reference(b), token: some(c) };
    case 35:
      return { type: 'unlink_id', id: some(a), from: pid(b), to: pid(c) };
    case 36:
      return { type: 'unlink_id_ack', id: some(a), from: pid(b), to: pid(c) };
    default:
      throw badControl();
  }
}

/** Elements of each tuple, by operation. */
const SIZES: Readonly<Record<number, number>> = {
  1: 3,
  2: 3,
  3: 4,
  4: 3,
  6: 4,
  7: 3,
  8: 4,
  12: 4,
  13: 5,
  16: 5,
  18: 5,
  19: 4,
  20: 4,
  21: 5,
  22: 3,
  23: 4,
  24: 3,
  25: 4,
  26: 3,
  27: 4,
  28: 4,
  29: 6,
  30: 7,
  31: 5,
  32: 6,
  33: 3,
  34: 4,
  35: 4,
  36: 4,
};

function checkSize(operation: Term | undefined, size: number): void {
  if (typeof operation !== 'number' || SIZES[operation] !== size) throw badControl();
}

type Element = Term | undefined;

function spawnRequest(
  id: Element,
  from: Element,
  leader: Element,
  entry: Element,
  options: Element,
): SpawnRequest {
  if (!(entry instanceof Tuple) || entry.elements.length !== 3) throw badControl();
  return {
    type: 'spawn_request',
    id: reference(id),
    from: pid(from),
    groupLeader: pid(leader),
    entry,
    options: some(options),
  };
}

function spawnReply(id: Element, to: Element, flags: Element, result: Element): SpawnReply {
  return { type: 'spawn_reply', id: reference(id), to: pid(to), flags: some(flags), result: process(result) };
}

function pid(element: Element): Pid {
  if (element instanceof Pid) return element;
  throw badControl();
}

function atom(element: Element): Atom {
  if (element instanceof Atom) return element;
  throw badControl();
}

function reference(element: Element): Reference {
  if (element instanceof Reference) return element;
  throw badControl();
}

function process(element: Element): Process {
  if (element instanceof Pid || element instanceof Atom) return element;
  throw badControl();
}

function some(element: Element): Term {
  if (element === undefined) throw badControl();
  return element;
}

function badControl(): ErlangError {
  return new ErlangError('bad_frame', 'a control message that the distribution protocol does not have');
}
