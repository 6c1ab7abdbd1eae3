/**
 * An Erlang term.
 *
 * | Erlang             | here                                                                  |
 * |--------------------|-----------------------------------------------------------------------|
 * | integer            | `number` while it is a safe integer, otherwise `bigint`                |
 * | float              | `Float`, so that 1.0 stays another term than 1                         |
 * | atom               | `Atom`, also `true` and `false`                                        |
 * | list, string       | an array; a string is a list of numbers                                |
 * | improper list      | `ImproperList`                                                         |
 * | binary             | `Uint8Array` (a `Buffer` where it was decoded)                         |
 * | everything else    | the class of that name                                                 |
 */
export type Term =
  | number
  | bigint
  | Float
  | Atom
  | Tuple
  | ErlangMap
  | Uint8Array
  | BitString
  | Pid
  | Port
  | Reference
  | Export
  | Fun
  | OldFun
  | ImproperList
  | readonly Term[];

export class Float {
  /** @param value finite: Erlang knows neither infinities nor NaN */
  constructor(readonly value: number) {}
}

export class Atom {
  constructor(readonly name: string) {}
}

export class Tuple {
  constructor(readonly elements: readonly Term[]) {}
}

/** In the order in which the pairs travelled. Whether a key comes twice is not looked at. */
export class ErlangMap {
  constructor(readonly entries: readonly (readonly [key: Term, value: Term])[]) {}
}

/** Bits that do not fill their last byte; `bits` (1 to 7) of it are used, from the most significant one on. */
export class BitString {
  constructor(
    readonly bytes: Uint8Array,
    readonly bits: number,
  ) {}
}

/** At least one element, and a tail that is no list. */
export class ImproperList {
  constructor(
    readonly elements: readonly Term[],
    readonly tail: Term,
  ) {}
}

/** `creation` tells apart nodes that had the same name one after the other. */
export class Pid {
  constructor(
    readonly node: Atom,
    readonly id: number,
    readonly serial: number,
    readonly creation: number,
  ) {}
}

export class Port {
  constructor(
    readonly node: Atom,
    readonly id: number | bigint,
    readonly creation: number,
  ) {}
}

/** `ids` are one to five words of 32 bits. */
export class Reference {
  constructor(
    readonly node: Atom,
    readonly creation: number,
    readonly ids: readonly number[],
  ) {}
}

/** `fun Module:Function/Arity`. */
export class Export {
  constructor(
    readonly module: Atom,
    readonly name: Atom,
    readonly arity: number,
  ) {}
}

/** A closure of another node. It can be passed on and nothing else, so its fields stay as they came. */
export class Fun {
  constructor(
    readonly arity: number,
    /** MD5 of the module's code. */
    readonly unique: Uint8Array,
    readonly index: number,
    readonly module: Atom,
    readonly oldIndex: number | bigint,
    readonly oldUnique: number | bigint,
    readonly pid: Pid,
    readonly free: readonly Term[],
  ) {}
}

/** A closure as very old nodes wrote it (FUN_EXT): it does not tell its arity. */
export class OldFun {
  constructor(
    readonly pid: Pid,
    readonly module: Atom,
    readonly index: number | bigint,
    readonly unique: number | bigint,
    readonly free: readonly Term[],
  ) {}
}
