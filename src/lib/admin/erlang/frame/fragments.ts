import { ErlangError } from '../error.js';
import type { AtomHeader } from './header.js';

export interface FragmentLimits {
  /** Messages that have begun and not ended. */
  readonly messages: number;
  /** Fragments of one message. */
  readonly fragments: bigint;
  /** Bytes of all of them together, of which each counts for 128 or more. */
  readonly bytes: number;
}

/** A message that came in fragments, whole again. */
export interface AssembledMessage {
  readonly header: AtomHeader;
  /** The control message and what follows it. */
  readonly data: Buffer;
}

/** About what a fragment takes in memory besides its bytes. */
const LEAST_COST = 128;

const costOf = (data: Buffer): number => Math.max(data.length, LEAST_COST);

interface Sequence {
  readonly header: AtomHeader;
  readonly parts: Buffer[];
  /** The fragment that must come next; they count down to 1. */
  next: bigint;
  bytes: number;
  /** What it takes of the limit. */
  cost: number;
}

/**
 * Puts fragmented messages together, of which several may arrive interleaved.
 * Source: "External Term Format", Distribution Header for fragmented messages.
 */
export class FragmentAssembler {
  readonly #sequences = new Map<bigint, Sequence>();
  readonly #limits: FragmentLimits;
  #cost = 0;

  constructor(limits: FragmentLimits) {
    this.#limits = limits;
  }

  /** @throws ErlangError `bad_frame` */
  begin(id: bigint, fragment: bigint, header: AtomHeader, data: Buffer): AssembledMessage | undefined {
    if (this.#sequences.has(id)) throw badSequence('begins twice');
    if (this.#sequences.size >= this.#limits.messages) throw badSequence('is one too many at the same time');
    if (fragment > this.#limits.fragments) throw badSequence('has more fragments than are accepted');
    const sequence: Sequence = { header, parts: [], next: fragment, bytes: 0, cost: 0 };
    this.#sequences.set(id, sequence);
    return this.#add(id, sequence, fragment, data);
  }

  /** @throws ErlangError `bad_frame` */
  continue(id: bigint, fragment: bigint, data: Buffer): AssembledMessage | undefined {
    const sequence = this.#sequences.get(id);
    if (!sequence) throw badSequence('has no beginning');
    return this.#add(id, sequence, fragment, data);
  }

  #add(id: bigint, sequence: Sequence, fragment: bigint, data: Buffer): AssembledMessage | undefined {
    if (fragment !== sequence.next || fragment < 1n) throw badSequence('is out of order');
    if (data.length === 0 && sequence.parts.length > 0) throw badSequence('has an empty part');
    this.#cost += costOf(data);
    if (this.#cost > this.#limits.bytes) throw badSequence('is larger than what is accepted');
    sequence.parts.push(data);
    sequence.bytes += data.length;
    sequence.cost += costOf(data);
    sequence.next--;
    if (fragment > 1n) return undefined;
    this.#sequences.delete(id);
    this.#cost -= sequence.cost;
    return { header: sequence.header, data: Buffer.concat(sequence.parts, sequence.bytes) };
  }
}

function badSequence(what: string): ErlangError {
  return new ErlangError('bad_frame', `a fragmented message ${what}`);
}
