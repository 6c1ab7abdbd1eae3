import { isSshUrl, splitVia } from '../admin/ssh/address.js';
import { hostUrlOf } from '../logs/hosts.js';
import { parseSshUrl } from '../ssh/address.js';
import { guessAddress, hostOf } from './addresses.js';
import type { Member } from './view.js';

/**
 * The SSH URL of a node's machine: its own, one that was given for the same machine, or what that of another node makes
 * likely.
 *
 * @param seeds URLs that the operator gave
 */
export function hostUrlFor(
  { name, address }: Pick<Member, 'name' | 'address'>,
  seeds: readonly string[],
): string | undefined {
  const own = address === null ? undefined : hostUrlOf(address);
  const names = [hostOf(name), ...(address === null ? [] : [new URL(address).hostname])];
  const hosts = seeds.filter(isSshUrl);
  const given = hosts.find((url) => names.includes(parseSshUrl(splitVia(url).url).host));
  const [example] = hosts;
  return own ?? given ?? (example && guessAddress(name, example));
}
