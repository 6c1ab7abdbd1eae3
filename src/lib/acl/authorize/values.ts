/** What a JSON object or array is to the broker's script. */
export type LuaTable = Readonly<Record<string, unknown>> | readonly unknown[];

export const isTable = (value: unknown): value is LuaTable => typeof value === 'object' && value !== null;

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The broker's script has the text "null" where the record has null. */
export const textOf = (value: unknown): string | undefined => {
  if (value === null) return 'null';
  return typeof value === 'string' ? value : undefined;
};

/** The script, or what it calls, fails on the record: the client is refused, whatever its password. */
export class ScriptError extends Error {
  /** @param field such as `publish_acl[0].max_qos` */
  constructor(
    readonly field: string,
    readonly problem: string,
  ) {
    super(`${field} ${problem}`);
  }
}

/** How a value is called in messages: by its kind, never by what it holds. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
