import { randomInt } from 'node:crypto';
import { Atom, Pid, Reference } from '../term/types.js';

/** Before OTP 24 a pid has 15 bits of id and 13 of serial, and a reference 18 bits in its first word. */
const PID_IDS = 2 ** 15;
const PID_SERIALS = 2 ** 13;
const REFERENCE_LOW = 2 ** 18;

/** Makes the pids and references of our own node, in ranges that all releases accept. */
export class Identifiers {
  readonly node: Atom;
  readonly creation: number;
  readonly #salt = randomInt(2 ** 32);
  #pids = 0;
  #references = 0;

  /** @param creation tells this node apart from earlier ones of its name */
  constructor(name: string, creation: number) {
    this.node = new Atom(name);
    this.creation = creation;
  }

  /** A new pid; unique for 268 million of them. */
  pid(): Pid {
    const number = ++this.#pids;
    const serial = Math.floor(number / PID_IDS) % PID_SERIALS;
    return new Pid(this.node, number % PID_IDS, serial, this.creation);
  }

  reference(): Reference {
    const number = ++this.#references;
    const ids = [number % REFERENCE_LOW, Math.floor(number / REFERENCE_LOW), this.#salt];
    return new Reference(this.node, this.creation, ids);
  }
}

/** Tells the pids of all nodes apart. */
export function pidKey({ node, id, serial, creation }: Pid): string {
  return `${node.name} ${creation} ${serial} ${id}`;
}

/** Tells the references of all nodes apart. */
export function referenceKey({ node, creation, ids }: Reference): string {
  return `${node.name} ${creation} ${ids.join('.')}`;
}
