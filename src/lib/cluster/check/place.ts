import type { Listener } from '../../admin/rpc.js';
import { isSshUrl, splitVia } from '../../admin/ssh/address.js';
import { isAnyAddress, isLoopback } from '../../loopback.js';
import { hostOf } from '../addresses.js';

/** Where a port is dialled. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Where others dial a listener of a node; undefined where only its own machine could find it. */
export function placeOf(
  node: string,
  { address, port }: Pick<Listener, 'address' | 'port'>,
): Place | undefined {
  const host = isAnyAddress(address) ? hostOf(node) : address;
  const isHidden = port === 0 || (isLoopback(host) && !isLoopback(hostOf(node)));
  return isHidden ? undefined : { host, port };
}

/** Whether a node is reached without a tunnel: behind one, a connection from here would meet something else. */
export const isNear = (address: string): boolean => !isSshUrl(address) && splitVia(address).via === undefined;
