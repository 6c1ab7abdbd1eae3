/**
 * What became of an attempt to connect.
 * - `refused`: somebody said no at once: nothing listens there, or a firewall rejects.
 * - `filtered`: nothing came back: a firewall drops it.
 * - `wrong_address`: the address cannot be the right one from there: it is bound to loopback, no network leads to it, or
 *   its name is not known.
 * - `unknown`: it could not be tried.
 */
export type PortState = 'open' | 'refused' | 'filtered' | 'wrong_address' | 'unknown';

export interface Verdict {
  readonly state: PortState;
  /** Why, in words, where the state does not say all. */
  readonly detail: string | undefined;
}

export const OPEN: Verdict = { state: 'open', detail: undefined };
export const REFUSED: Verdict = { state: 'refused', detail: undefined };
export const FILTERED: Verdict = { state: 'filtered', detail: undefined };
export const wrongAddress = (detail: string): Verdict => ({ state: 'wrong_address', detail });
export const unknown = (detail: string): Verdict => ({ state: 'unknown', detail });

/** What the words of a failed connect mean, in the English of the C library and of the tools that connect. */
export function verdictOf(said: string): Verdict {
  if (/refused|reset by peer|ECONNREFUSED|ECONNRESET/i.test(said)) return REFUSED;
  if (/timed? ?out|ETIMEDOUT/i.test(said)) return FILTERED;
  if (/no route to host|host is unreachable|EHOSTUNREACH/i.test(said))
    return wrongAddress('no route to that host, or a firewall on the way says so');
  if (/network is unreachable|cannot assign requested address|ENETUNREACH|EADDRNOTAVAIL/i.test(said))
    return wrongAddress('no network leads to that address');
  if (
    /not known|bad (?:address|hostname)|resol|no address associated|invalid IPv\w+ address|ENOTFOUND|EAI_\w+/i.test(
      said,
    )
  )
    return wrongAddress('that name is not known there');
  // After the names: some tools say it of a name that is not known, too.
  if (/invalid argument|EINVAL/i.test(said)) return wrongAddress('nothing is sent to that address there');
  return unknown(said.trim() || 'it does not say why');
}
