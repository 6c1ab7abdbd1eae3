import type { SimulatedNode } from '../node/node.js';

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** What a command answers. `failed` becomes an empty 500: the broker says no more than that. */
export type Reply =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'alert'; readonly text: string }
  | { readonly type: 'table'; readonly rows: readonly Row[] }
  | { readonly type: 'failed' };

export const text = (line: string): Reply => ({ type: 'text', text: line });
export const alert = (line: string): Reply => ({ type: 'alert', text: line });
export const table = (rows: readonly Row[]): Reply => ({ type: 'table', rows });
export const failed: Reply = { type: 'failed' };
export const done: Reply = text('Done');

/** What a value has to look like for the broker's parser. `any` takes a flag without a value, too. */
export type Kind = 'any' | 'whole number' | 'port' | 'address';

export interface Arguments {
  readonly keys: ReadonlyMap<string, string>;
  readonly flags: ReadonlyMap<string, string>;
}

export interface Call extends Arguments {
  readonly node: SimulatedNode;
  /** Words of the path after the command's own. */
  readonly rest: readonly string[];
}

export interface Command {
  readonly words: readonly string[];
  readonly keys?: Readonly<Record<string, Kind>>;
  readonly flags?: Readonly<Record<string, Kind>>;
  /** Whether more words may follow. */
  readonly takesWords?: boolean;
  /** Whether its parser takes any key. */
  readonly takesAnyKey?: boolean;
  readonly run: (call: Call) => Reply | Promise<Reply>;
}

const looksRight: Readonly<Record<Kind, (value: string) => boolean>> = {
  any: () => true,
  'whole number': (value) => /^\d+$/.test(value),
  port: (value) => /^\d+$/.test(value) && Number(value) <= 65_535,
  address: (value) => /^\d+(\.\d+){3}$/.test(value) && value.split('.').every((part) => Number(part) <= 255),
};

/** Whether the broker's parser lets these arguments through; if not, it answers 400. */
export function acceptsArguments(
  { keys = {}, flags = {}, takesAnyKey = false }: Command,
  given: Arguments,
): boolean {
  const fits = (kinds: Readonly<Record<string, Kind>>, [name, value]: readonly [string, string]) => {
    const kind = kinds[name];
    return kind !== undefined && looksRight[kind](value);
  };
  return (
    (takesAnyKey || [...given.keys].every((one) => fits(keys, one))) &&
    [...given.flags].every((one) => one[0] === 'help' || fits(flags, one))
  );
}
