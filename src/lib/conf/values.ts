import { isIP } from 'node:net';

/** Whether a key of this type takes a value: as cuttlefish converts it, by the schemas of the broker. */
export function accepts(type: string, value: string): boolean {
  return type.split('|').some((alternative) => {
    const { kind, ...limits } = parseAlternative(alternative);
    return kind === undefined ? alternative === value : KINDS[kind].accepts(value, limits);
  });
}

/** What a key of this type takes, for people: `on or off`. */
export function describeType(type: string): string {
  const names = type.split('|').map((alternative) => {
    const { kind, from, to } = parseAlternative(alternative);
    if (kind === undefined) return alternative;
    return `${KINDS[kind].description}${range(from, to)}`;
  });
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}

function range(from: number, to: number): string {
  if (from > -Infinity && to < Infinity) return ` from ${from} to ${to}`;
  if (from > -Infinity) return ` from ${from} on`;
  return to < Infinity ? ` up to ${to}` : '';
}

interface Limits {
  readonly from: number;
  readonly to: number;
  /** What it must be a multiple of. */
  readonly step: number;
}

interface Kind {
  readonly description: string;
  readonly accepts: (value: string, limits: Limits) => boolean;
}

type KindName = keyof typeof KINDS;

/** `<integer 1..100>`, or a plain word. */
function parseAlternative(text: string): Limits & { kind?: KindName } {
  const [, kind, from, to, step] = /^<(\w+)(?: (\d*)\.\.(\d*)(?: by (\d+))?)?>$/.exec(text) ?? [];
  return {
    ...(kind !== undefined && Object.hasOwn(KINDS, kind) ? { kind: kind as KindName } : {}),
    from: from ? Number(from) : -Infinity,
    to: to ? Number(to) : Infinity,
    step: Number(step ?? 0),
  };
}

const within = (number: number, { from, to, step }: Limits) =>
  number >= from && number <= to && (step === 0 || number % step === 0);

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?\d+(?:\.\d+(?:[eE][+-]?\d+)?)?$/;

const KINDS = {
  any: { description: 'any text', accepts: () => true },
  integer: {
    description: 'a whole number',
    accepts: (value, limits) => INTEGER.test(value) && within(Number(value), limits),
  },
  bytes: { description: 'a number of bytes such as 64MB', accepts: acceptsBytes },
  address: { description: 'an IP address and a port such as 10.0.0.1:1883', accepts: acceptsAddress },
  socket: { description: 'local:PATH:0', accepts: (value) => /^(?:local|unix):+[^:]+:\+?0+$/.test(value) },
  ip: { description: 'an IP address', accepts: (value) => isIP(value) !== 0 },
  percent: {
    description: 'a share such as 10%',
    // The last character is cut off, whatever it is.
    accepts: (value) =>
      INTEGER.test(value.slice(0, -1)) && within(Number(value.slice(0, -1)), { from: 0, to: 100, step: 0 }),
  },
  duration: {
    description: 'a time such as 1h30m',
    accepts: (value) => /^(?:(?:\d*\.\d+|[1-9]\d*)(?:f|w|d|h|ms|m|s))+$/i.test(value),
  },
  period: {
    description: 'a whole number and one of s, h, d, w, m, y, such as 1w (m is 4 weeks)',
    accepts: (value) => /^[+-]?\d+[shdwmy]$/.test(value),
  },
  tls: {
    description: 'a list of tlsv1, tlsv1.1, tlsv1.2, tlsv1.3, with commas',
    accepts: (value) => value.split(',').every((each) => /^(?:tlsv1(?:\.[123])?)?$/.test(each)),
  },
  list: {
    description: 'a list with commas',
    accepts: (value) => listItems(value).every((item) => item !== ''),
  },
  sizes: { description: 'three whole numbers with commas', accepts: acceptsSizes },
  term: { description: 'an Erlang list such as [a, b]', accepts: isBalanced },
  character: { description: 'one character', accepts: (value) => [...value].length === 1 },
} satisfies Readonly<Record<string, Kind>>;

const UNITS: Readonly<Record<string, number>> = { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

function acceptsBytes(value: string, limits: Limits): boolean {
  const [, digits = '', unit = ''] = /^(.*?)(KB|kb|MB|mb|GB|gb)?$/s.exec(value) ?? [];
  const number = digits.startsWith('.') ? `0${digits}` : digits;
  return NUMBER.test(number) && within(Number(number) * (UNITS[unit.toUpperCase()] ?? 1), limits);
}

function acceptsAddress(value: string): boolean {
  const colon = value.lastIndexOf(':');
  const port = value.slice(colon + 1);
  return colon !== -1 && INTEGER.test(port) && Number(port) >= 0 && isAddress(value.slice(0, colon));
}

/** As inet:parse_address has it: IPv6 without brackets, IPv4 also in the short and odd forms of old. */
function isAddress(host: string): boolean {
  if (/^[^%]*:/.test(host)) return isIP(host.replace(/%.*$/s, '')) === 6;
  const parts = host.split('.').map(addressPart);
  const last = parts.pop() ?? Number.NaN;
  return parts.length < 4 && parts.every((part) => part <= 255) && last < 256 ** (4 - parts.length);
}

function addressPart(text: string): number {
  const digits = text.replace(/^\+/, '');
  if (/^0x[\da-f]+$/i.test(digits)) return Number(digits);
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  return /^(?:0|[1-9]\d*)$/.test(digits) ? Number(digits) : Number.NaN;
}

const listItems = (value: string): string[] =>
  value
    .replace(/^\s*\[(.*)\]\s*$/s, '$1')
    .split(',')
    .map((item) => item.trim());

function acceptsSizes(value: string): boolean {
  const items = listItems(value);
  return items.length === 3 && items.every((item) => /^\+?\d+$/.test(item));
}

function isBalanced(value: string): boolean {
  const count = (character: string) => value.split(character).length;
  return count('[') === count(']') && count('{') === count('}');
}
