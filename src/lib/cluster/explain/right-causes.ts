import { shellQuoted } from '../../admin/ssh/quote.js';
import { grant, reconnect } from './cures.js';
import type { Evidence } from './evidence.js';
import { isOfWill } from './will-cause.js';
import { type Cause, list, logged, returns, times } from './wording.js';

export function publishDenied(evidence: Evidence): Cause[] {
  const said = logged(evidence, 'publish_denied').filter((one) => !isOfWill(evidence, one));
  const topics = [...new Set(said.map(({ topic }) => topic))];
  const asked = evidence.asked.publish;
  const isRefused = asked !== undefined && canLogIn(evidence) && !evidence.rights?.mayPublish(asked);
  const loops = returns(evidence).count > 0 || evidence.history.away > 0;
  if (topics.length === 0 && isRefused)
    return [
      {
        code: 'publish_denied',
        confidence: loops ? 'likely' : 'possible',
        message: `its ACL does not let it publish to ${asked}: the broker disconnects a client of MQTT 3.1.1 for that, each time that it tries`,
        cure: grant(evidence, [asked]),
      },
    ];
  if (topics.length > 0)
    return [
      {
        code: 'publish_denied',
        confidence: 'certain',
        message: `the broker has refused its PUBLISH to ${topics.slice(0, 5).join(', ')} ${times(said.length)}, ${consequence(evidence)}`,
        cure: isGrantedBy(evidence, topics)
          ? `Its record lets it by now, and is read when it connects: ${reconnect(evidence)}`
          : grant(evidence, topics),
      },
    ];
  return suspectedDenial(evidence);
}

/** A client of MQTT 5 is told with the PUBACK, if there is one. */
const consequence = ({ history }: Evidence): string =>
  history.connections.length > 0 && history.connections.every(({ row }) => row.protocol === 5)
    ? 'and loses each such message; by MQTT 5 it stays connected'
    : 'and disconnects a client of MQTT 3.1.1 for that';

/** Nobody has named the client, but a node has refused a PUBLISH while this one came and went, or could not be seen. */
function suspectedDenial(evidence: Evidence): Cause[] {
  const { growth, history, name } = evidence;
  const refused = growth.mqtt_publish_auth_error ?? 0;
  if (logged(evidence, 'will_denied').length > 0) return []; // it counts as such a PUBLISH
  const { count, isAway } = returns(evidence);
  // One that publishes as soon as it is connected is gone again before anybody looks.
  const isNeverSeen = history.connections.length === 0;
  if (refused === 0 || (count === 0 && history.away === 0)) return [];
  const isLikely = isNeverSeen ? canLogIn(evidence) && refused > 1 : isAway || refused >= count;
  const meanwhile = isNeverSeen ? 'while this one was not seen' : `while this one came anew ${times(count)}`;
  return [
    {
      code: 'publish_denied',
      confidence: isLikely ? 'likely' : 'possible',
      message: `the brokers refused ${refused} PUBLISH of clients that have no right to the topic, ${meanwhile}: a client of MQTT 3.1.1 is disconnected for that${mayPublishTo(evidence)}`,
      cure: `The log names client and topic: give its ssh:// node. Or ask about a topic: vmqctl session explain ${shellQuoted(name.clientId)} --publish TOPIC.`,
    },
  ];
}

/** Without a login there are no rights to speak of. */
const canLogIn = ({ rights }: Evidence): boolean => rights !== undefined && rights.loginFails === undefined;

const mayPublishTo = ({ rights }: Evidence) =>
  rights ? `; its ACL lets it publish to ${rights.publish.join(', ') || 'nothing'}` : '';

const isGrantedBy = ({ rights }: Evidence, topics: readonly string[]) =>
  rights !== undefined && topics.every((topic) => rights.mayPublish(topic));

const CONSEQUENCE =
  'That does not end the connection, but many clients end it themselves; one refused filter refuses all of the SUBSCRIBE';

export function subscribeDenied(evidence: Evidence): Cause[] {
  const said = logged(evidence, 'subscribe_denied');
  const asked = evidence.asked.subscribe;
  const isRefused = asked !== undefined && canLogIn(evidence) && !evidence.rights?.maySubscribe(asked, 0);
  if (said.length === 0 && !isRefused) return suspectedSubscribe(evidence);
  const what =
    said.length > 0
      ? `the broker has refused its SUBSCRIBE ${times(said.length)}`
      : `its ACL does not let it subscribe to ${asked}`;
  return [
    {
      code: 'subscribe_denied',
      confidence: said.length > 0 ? 'certain' : 'likely',
      message: `${what}. ${CONSEQUENCE}`,
      cure:
        asked === undefined
          ? 'Compare what it subscribes to with its ACL above.'
          : grant(evidence, [asked], '--add-subscribe'),
    },
  ];
}

/** Nobody has named the client, but a node has refused a SUBSCRIBE while this one was looked at. */
function suspectedSubscribe({ growth, name, rights }: Evidence): Cause[] {
  const refused = growth.mqtt_subscribe_auth_error ?? 0;
  if (refused === 0) return [];
  const may = rights ? `; its ACL lets it subscribe to ${rights.subscribe.join(', ') || 'nothing'}` : '';
  return [
    {
      code: 'subscribe_denied',
      confidence: 'possible',
      message: `the brokers refused ${refused} SUBSCRIBE of clients that have no right to a filter, this one's perhaps${may}. ${CONSEQUENCE}`,
      cure: `Ask about what it subscribes to: vmqctl session explain ${shellQuoted(name.clientId)} --subscribe FILTER.`,
    },
  ];
}

export function loginRefused(evidence: Evidence): Cause[] {
  const said = logged(evidence, 'login_refused');
  const { rights, history, user } = evidence;
  const isOnline = history.connections.length > 0;
  if (said.length === 0 && (isOnline || !rights?.loginFails)) return [];
  const reasons = list(said.map(({ reason }) => reason));
  const fails = rights?.loginFails ? `: ${rights.loginFails} (${rights.key})` : '';
  const cure = rights?.loginFails
    ? `vmqctl acl get ${shellQuoted(`client-id=${evidence.name.clientId}`)} ${shellQuoted(`username=${user ?? 'USER'}`)} shows the record; vmqctl acl set writes one.`
    : rights
      ? `Its record would let it in, so compare its password: vmqctl acl can-i connect ${shellQuoted(`client-id=${evidence.name.clientId}`)} ${shellQuoted(`username=${user ?? 'USER'}`)} --password-from stdin. An outage of Redis looks like a wrong password too: see the log, and ask Redis.`
      : 'Whether it has a record is not known: give --redis, and --username. An outage of Redis looks like a wrong password too: see the log, and ask Redis.';
  return [
    {
      code: 'login_refused',
      confidence: said.length > 0 ? 'certain' : 'likely',
      message:
        said.length > 0
          ? `its login was refused ${times(said.length)} (${reasons})${fails}`
          : `its login cannot succeed${fails}`,
      cure,
    },
  ];
}
