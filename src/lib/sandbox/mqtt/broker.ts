import { Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client, type Subscription } from 'aedes';
import type { SimulatedNode } from '../node/node.js';
import type { Peer } from '../node/session.js';
import { Admissions } from './admissions.js';
import { NodePersistence } from './persistence.js';
import { forward, publishedByClient } from './routing.js';
import { sharedFilter } from './shared.js';
import { MessageStamp } from './stamp.js';
import { takeOver } from './takeover.js';

/** As `max_client_id_size` of the broker. */
const LONGEST_CLIENT_ID = 100;
const SERVER_UNAVAILABLE = 3;

/** The MQTT half of a node: aedes, with the node's sessions, the cluster's routing and the records' decisions. */
export async function createBroker(node: SimulatedNode): Promise<Aedes> {
  const stamp = new MessageStamp();
  const admissions = new Admissions(node, stamp);
  const broker = await Aedes.createBroker({
    persistence: new NodePersistence(node, stamp),
    maxClientsIdLength: LONGEST_CLIENT_ID,
    queueLimit: 1000,
    preConnect: (_client, _packet, done) => void node.gate.passed().then(() => done(null, node.isRunning)),
    authenticate: (client, username, password, done) =>
      void admit(node, admissions, client, username, password?.toString()).then((refusal) =>
        refusal === null ? done(null, true) : done(refused(refusal), null),
      ),
    authorizePublish: (client, packet, done) =>
      void node.gate.passed().then(() => done(admissions.publish(client, packet))),
    authorizeSubscribe: (client, subscription, done) =>
      admissions.subscribe(client, subscription, (granted) => done(null, granted && toAedes(granted))),
    authorizeForward: (client, packet) => forward(node, client, packet),
    published: (packet, client, done) => {
      publishedByClient(node, packet, client);
      done(null);
    },
  });
  followSessions(broker, node, admissions);
  return broker;
}

/** @returns the code of the CONNACK that refuses the client, or null */
async function admit(
  node: SimulatedNode,
  admissions: Admissions,
  client: Client,
  username: string | undefined,
  password: string | undefined,
): Promise<number | null> {
  if (!node.isReady) return SERVER_UNAVAILABLE;
  try {
    const turn = node.logins.reserve(node.clock.now());
    if (turn > 0) await node.world.sleep(turn);
    const refusal = await admissions.login(client, username, password);
    if (refusal === null) await takeOver(node, client.id, client.clean);
    return refusal;
  } catch (thrown) {
    process.emitWarning(thrown instanceof Error ? thrown : String(thrown));
    return SERVER_UNAVAILABLE;
  }
}

/** Who of a group gets a message is decided when it goes out. */
const toAedes = (granted: Subscription): Subscription => ({
  ...granted,
  topic: sharedFilter(granted.topic) ?? granted.topic,
});

function refused(returnCode: number): AuthenticateError {
  return Object.assign(new Error('refused'), { returnCode });
}

function followSessions(broker: Aedes, node: SimulatedNode, admissions: Admissions): void {
  broker.on('client', (client) =>
    node.sessions.arrive({
      clientId: client.id,
      username: admissions.username(client),
      clean: client.clean,
      peer: peerOf(client, node.clock.now()),
    }),
  );
  broker.on('clientDisconnect', (client) => node.sessions.depart(client.id));
  // The persistence hears of the subscriptions of persistent sessions only.
  broker.on('subscribe', (subscriptions, client) => {
    if (!client.clean) return;
    for (const { topic, qos } of subscriptions) if (qos <= 2) node.sessions.subscribe(client.id, topic, qos);
  });
  broker.on('unsubscribe', (filters, client) => {
    for (const filter of filters) if (client.clean) node.sessions.unsubscribe(client.id, filter);
  });
}

function peerOf(client: Client, connectedAt: number): Peer {
  const socket = client.conn instanceof Socket ? client.conn : null;
  return {
    host: socket?.remoteAddress ?? '',
    port: socket?.remotePort ?? 0,
    protocol: client.version,
    connectedAt,
    isSimulated: false,
    close: () => new Promise((resolve) => client.close(() => resolve())),
  };
}
