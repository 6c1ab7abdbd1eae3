/** What the broker reads out of a command line. */
export interface BrokerReading {
  readonly words: readonly string[];
  readonly keys: readonly (readonly [string, string])[];
  /** By long name, or by the one character of a short one; null for a flag without a value. */
  readonly flags: readonly (readonly [string, string | null])[];
}

/** The broker's own parser (clique_command:split_command/1 and clique_parser:parse/1), with all that it loses. */
export function readAsBroker(argv: readonly string[]): BrokerReading {
  const end = indexOr(argv, (token) => token.includes('=') || isFlag(token));
  const rest = argv.slice(end);
  const flagsAt = indexOr(rest, isFlag);
  return {
    words: argv.slice(0, end),
    keys: rest.slice(0, flagsAt).map(readKey),
    flags: readFlags(rest.slice(flagsAt)),
  };
}

const indexOr = (list: readonly string[], test: (token: string) => boolean) => {
  const index = list.findIndex(test);
  return index === -1 ? list.length : index;
};

/** Negative numbers are none. */
const isFlag = (token: string) => token.startsWith('-') && !/^-\d+$/.test(token);

/** string:tokens/2: what is empty between two `=` disappears. */
const tokens = (text: string) => text.split('=').filter((part) => part !== '');

function readKey(token: string): readonly [string, string] {
  const [key = '', ...values] = tokens(token);
  if (values.length === 0) throw new Error(`invalid_kv_arg ${key}`);
  return [key, values.join('=')];
}

function readFlags(list: readonly string[]): [string, string | null][] {
  const flags: [string, string | null][] = [];
  let open: string | undefined;
  const close = (value: string | null) => {
    if (open !== undefined) flags.push([open, value]);
    open = undefined;
  };
  for (const token of list) {
    if (token.startsWith('--')) {
      close(null);
      const [name = '', value, ...more] = tokens(token.slice(2));
      if (more.length > 0) throw new Error('case_clause');
      if (value === undefined) open = name;
      else flags.push([name, value]);
    } else if (/^-./s.test(token)) {
      close(null);
      if (token.length === 2) open = token.slice(1);
      else flags.push([token.slice(1, 2), token.slice(2)]);
    } else if (open !== undefined) close(token);
    else throw new Error(`invalid_flag ${token}`);
  }
  close(null);
  return flags;
}
