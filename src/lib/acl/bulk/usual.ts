import type { KnownLists } from './lists.js';
import type { CheckedRow } from './row.js';

/** The texts of a row whose names and hash are what they mostly are. */
export interface UsualTexts {
  readonly mountpoint: string;
  readonly clientId: string;
  readonly username: string;
  readonly passhash: string;
  /** The JSON of the lists. */
  readonly publish: string;
  readonly subscribe: string;
}

/** Printable ASCII but for the space, and for what JSON escapes. */
const NAME = /^[!#-[\]-~]*$/;
/** A hash that the broker can read. */
const PASSHASH =
  /^\$2a\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;
/** Longer ones are left to the general way, which knows what MQTT allows. */
const LONGEST_NAME = 1024;

/**
 * The row that these texts make, at a glance. Undefined is no error: then it is for the general way, which is several times
 * slower and finds the same of this one.
 */
export function usualRow(texts: UsualTexts, known: KnownLists): CheckedRow | undefined {
  const { mountpoint, clientId, username, passhash, publish, subscribe } = texts;
  if (clientId === '' || mountpoint.length + clientId.length + username.length > LONGEST_NAME)
    return undefined;
  if (!NAME.test(mountpoint) || !NAME.test(clientId) || !NAME.test(username)) return undefined;
  if (!PASSHASH.test(passhash)) return undefined;
  if (!known.areGood(publish, 'publish') || !known.areGood(subscribe, 'subscribe')) return undefined;
  return {
    key: `["${mountpoint}","${clientId}","${username}"]`,
    credential: { kind: 'passhash', passhash, relabelled: false },
    lists: { publish, subscribe },
  };
}
