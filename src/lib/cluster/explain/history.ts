import type { ClientRow } from './sightings.js';

/** What one look has found. */
export interface Sighting {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly rows: readonly ClientRow[];
}

/** One connection of the client, as long as it was seen. */
export interface Connection {
  readonly row: ClientRow;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** What the looks tell together. */
export interface History {
  readonly looks: number;
  /** In the order in which they were seen. */
  readonly connections: readonly Connection[];
  /** Looks at which the client had no connection. */
  readonly away: number;
}

/** Puts looks together, in the order of time. */
export function historyOf(sightings: readonly Sighting[]): History {
  const connections: Connection[] = [];
  let away = 0;
  for (const { at, rows } of sightings) {
    const online = rows.filter(({ isOnline }) => isOnline);
    if (online.length === 0) away += 1;
    for (const row of online) {
      const known = connections.findIndex((one) => keyOf(one.row) === keyOf(row));
      const before = connections[known];
      if (before) connections[known] = { ...before, row, lastSeen: at };
      else connections.push({ row, firstSeen: at, lastSeen: at });
    }
  }
  return { looks: sightings.length, connections, away };
}

/** A client that comes again has another port, and another time. */
const keyOf = ({ node, mountpoint, host, port, startedAt }: ClientRow) =>
  JSON.stringify([node, mountpoint, host, port, startedAt]);

/** Who is behind a connection, as far as it tells: a device keeps all of this when it comes again. */
export const deviceOf = ({ host, user, protocol, clean }: ClientRow): string =>
  JSON.stringify([host, user, protocol, clean]);

/** How often the connection was followed by one of another device. */
export function exchanges({ connections }: History): number {
  const devices = connections.map(({ row }) => deviceOf(row));
  return devices.filter((device, index) => index > 0 && device !== devices[index - 1]).length;
}
