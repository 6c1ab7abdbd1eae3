import { isSshUrl } from '../admin/ssh/address.js';
import { findHostUrl } from '../logs/hosts.js';
import { guessAddress } from './addresses.js';
import type { Member } from './view.js';

/** The SSH URL of a node's machine: its own, or what that of another node makes likely. */
export function hostUrlFor({ name, address }: Member, seeds: readonly string[]): string | undefined {
  const example = seeds.find(isSshUrl);
  return findHostUrl(name, address, seeds) ?? (example && guessAddress(name, example));
}
