import type { AedesPublishPacket } from 'aedes';

/** What the broker's persistence keeps for a client: a message, or the second half of a QoS 2 exchange. */
export type QueuedPacket = Omit<AedesPublishPacket, 'cmd' | 'messageId'> & {
  cmd: 'publish' | 'pubrel';
  messageId?: number | undefined;
};

/** The connection of a session that is online. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly protocol: number;
  readonly connectedAt: number;
  /** It has no socket. */
  readonly isSimulated: boolean;
  /** Ends the connection; the session stays unless it is a clean one. */
  close(): Promise<void>;
}

/** A client's session and its queue, which live on one node. */
export interface Session {
  readonly clientId: string;
  username: string | null;
  clean: boolean;
  peer: Peer | null;
  readonly startedAt: number;
  readonly messages: QueuedPacket[];
  /** Copied to another member already; this node only counts it still. */
  migrated: boolean;
}

/** As `max_offline_messages` of the broker. */
export const MAX_OFFLINE_MESSAGES = 1000;

export const newSession = (clientId: string, clean: boolean, startedAt: number): Session => ({
  clientId,
  username: null,
  clean,
  peer: null,
  startedAt,
  messages: [],
  migrated: false,
});

/** Messages waiting for the client; halves of QoS 2 exchanges are none. */
export const waiting = (session: Session): number =>
  session.messages.reduce((count, { cmd }) => count + (cmd === 'publish' ? 1 : 0), 0);

/** Whether two packets carry the same message: on its way through the cluster it keeps the number its first node gave it. */
export const isSame = (one: QueuedPacket, other: Pick<QueuedPacket, 'brokerId' | 'brokerCounter'>): boolean =>
  one.brokerId === other.brokerId && one.brokerCounter === other.brokerCounter;
