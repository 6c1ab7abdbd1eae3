import { ANY_CLIENT, recordKey } from '../../acl/key.js';
import type { AclStore } from '../../acl/store.js';
import type { SessionRow } from '../explain/sightings.js';

/** A live session whose rights come from a record that was changed. */
export interface AffectedSession {
  readonly row: SessionRow;
  /** The key of the record that lets it in now; null where none does: it is not expected back. */
  readonly record: string | null;
}

/**
 * The live sessions that are affected by changed records: those of a client's own record, and, of a record for any client,
 * those of its user that have none of their own.
 *
 * @throws Failure: those of the store
 */
export async function affectedSessions(
  rows: readonly SessionRow[],
  changed: ReadonlySet<string>,
  store: Pick<AclStore, 'read'>,
): Promise<AffectedSession[]> {
  const concerned = onePerClient(rows).filter((row) => keysOf(row).some((key) => changed.has(key)));
  const values = await store.read(concerned.flatMap(keysOf));
  return concerned.flatMap((row, at) => {
    const [hasOwn, hasAny] = [values[2 * at] !== undefined, values[2 * at + 1] !== undefined];
    const [own, any] = keysOf(row);
    if (!changed.has(own) && hasOwn) return [];
    return [{ row, record: hasOwn ? own : hasAny ? any : null }];
  });
}

/** The keys that the broker asks for, in this order. */
export function keysOf({
  mountpoint,
  clientId,
  user,
}: Pick<SessionRow, 'mountpoint' | 'clientId' | 'user'>): readonly [own: string, any: string] {
  const name = { mountpoint, clientId, username: user ?? '' };
  return [recordKey(name), recordKey({ ...name, clientId: ANY_CLIENT })];
}

/** In a split the same client may be connected on several nodes. */
function onePerClient(rows: readonly SessionRow[]): SessionRow[] {
  const online = rows.filter(({ isOnline, user }) => isOnline && user !== null);
  return [...new Map(online.map((row) => [sessionName(row), row])).values()];
}

export const sessionName = ({ mountpoint, clientId }: Pick<SessionRow, 'mountpoint' | 'clientId'>): string =>
  JSON.stringify([mountpoint, clientId]);

/** The same text for the same connection, and another one for a later connection of the same client. */
export const connectionName = ({ mountpoint, clientId, node, startedAt, host, port }: SessionRow): string =>
  JSON.stringify([mountpoint, clientId, node, startedAt, host, port]);

/** The same for reports. */
export interface BouncedSession {
  readonly mountpoint: string;
  readonly clientId: string;
  readonly user: string | null;
  readonly node: string;
  /** The key of the record that lets it in now; null where none does. */
  readonly record: string | null;
}

export type FailedSession = BouncedSession & { readonly why: string };

export function named({ row, record }: AffectedSession): BouncedSession {
  const { mountpoint, clientId, user, node } = row;
  return { mountpoint, clientId, user, node, record };
}
