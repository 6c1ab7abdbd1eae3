import { formatSshUrl, parseSshUrl } from '../../ssh/address.js';

export const isSshUrl = (address: string): boolean => address.startsWith('ssh://');

/**
 * One spelling for each SSH host. A port that was given stays: the SSH configuration may have another.
 *
 * @param what the operator called it, for messages
 * @throws Failure (usage)
 */
export function sshUrl(text: string, what: string): string {
  const address = parseSshUrl(text, what);
  return `${formatSshUrl(address)}${address.port === 22 ? ':22' : ''}`;
}

/** An address and the SSH host that it is reached through. */
export interface Route {
  /** The address without `via`. */
  readonly url: string;
  /** Undefined where nothing is in between. */
  readonly via: string | undefined;
}

/** Parts `…?via=ssh://USER@BASTION` from an address. */
export function splitVia(address: string): Route {
  const [url = '', query = ''] = address.split(/\?(.*)/s, 2);
  const parameters = query.split('&');
  const given = parameters.find((parameter) => parameter.startsWith('via='));
  if (given === undefined) return { url: address, via: undefined };
  const rest = parameters.filter((parameter) => parameter !== given).join('&');
  return { url: rest === '' ? url : `${url}?${rest}`, via: given.slice('via='.length) };
}

/** The address that `splitVia` parts again. */
export const withVia = (url: string, via: string | undefined): string =>
  via === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}via=${via}`;

/** Whether it takes an SSH connection to get there. */
export const needsSsh = (address: string): boolean =>
  isSshUrl(address) || splitVia(address).via !== undefined;
