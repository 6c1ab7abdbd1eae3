/** A node as `erl://NAME@HOST` names it. */
export interface ErlangAddress {
  /** Its whole name, such as `VerneMQ@172.16.16.13`. */
  readonly node: string;
  /** The port of its distribution listener, where epmd is not to be asked for it. */
  readonly port: number | undefined;
}

/**
 * Reads `erl://NAME@HOST`, with `?port=` where epmd is to be left out.
 *
 * @returns undefined when the text is something else, or has more in it
 */
export function parseErlangUrl(text: string): ErlangAddress | undefined {
  const [, name, host, port] =
    /^erl:\/\/([^@/?#:\s]+)@([^@/?#:\s]+|\[[\da-f:.]+\])(?:\?port=(\d{1,5}))?$/i.exec(text) ?? [];
  if (name === undefined || host === undefined) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  // In the name of an Erlang node an IPv6 address has no brackets.
  const node = `${name}@${host.replace(/^\[|\]$/g, '')}`;
  return { node, port: port === undefined ? undefined : Number(port) };
}

/** The text that `parseErlangUrl` reads back. */
export function formatErlangUrl({ node, port }: ErlangAddress): string {
  const [name, host = ''] = node.split(/@(.*)/s, 2);
  return `erl://${name}@${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `?port=${port}`}`;
}

export const isErlangUrl = (address: string): boolean => address.startsWith('erl://');
