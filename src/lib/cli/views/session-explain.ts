import type { Evidence } from '../../cluster/explain/evidence.js';
import type { Explanation } from '../../cluster/explain/operation.js';
import type { ClientRow } from '../../cluster/explain/sightings.js';
import type { Cause, Confidence } from '../../cluster/explain/wording.js';
import { formatDuration } from '../../duration.js';
import { type Cell, cell, type Note, note, type Tone, type View } from '../view.js';

/** Facts as a table, the causes with their cures under it; and the document `vmqctl.session-explain/1`. */
export function sessionExplainView({ evidence, causes }: Explanation): View {
  return {
    document: documentOf(evidence, causes),
    table: { columns: ['', evidence.name.clientId], rows: factRows(evidence) },
    below: [
      ...causes.flatMap(causeNotes),
      ...(causes.length === 0 ? [conclusion(evidence)] : []),
      ...evidence.gaps.map((gap) => note(gap, 'dim')),
    ],
  };
}

/** Whether something is wrong that somebody has to mend. */
export const isInTrouble = ({ causes }: Explanation): boolean =>
  causes.some(({ confidence }) => confidence !== 'possible');

const TONES: Readonly<Record<Confidence, Tone>> = { certain: 'bad', likely: 'warning', possible: 'plain' };

const causeNotes = ({ confidence, message, cure }: Cause): Note[] => [
  note(`${confidence}: ${message}`, TONES[confidence]),
  note(`  -> ${cure}`, 'dim'),
];

function conclusion({ history }: Evidence): Note {
  if (history.connections.length === 0) return note('It is away, and nothing was found that keeps it away.');
  return note('Nothing was found that disconnects it.', 'good');
}

function factRows(evidence: Evidence): (string | Cell)[][] {
  const { history, sightings, looked, subscriptions, user } = evidence;
  const rows = sightings.at(-1)?.rows ?? [];
  return [
    ...rows.map((row) => [row.isOnline ? 'Session' : 'Queue', sessionCell(row)]),
    ...(rows.length === 0 ? [['Session', cell('on no node now', 'warning')]] : []),
    [
      `In ${formatDuration(looked)}`,
      `${history.connections.length} ${history.connections.length === 1 ? 'connection' : 'connections'}; away at ${history.away} of ${history.looks} looks`,
    ],
    ...(history.connections.length > 1
      ? history.connections.slice(-5).map(({ row }) => ['Seen', peerOf(row)])
      : []),
    ...(user === undefined ? [] : [['User', user]]),
    ...rightRows(evidence),
    ...(subscriptions.length === 0 ? [] : [['Subscribed', subscriptionCell(evidence)]]),
    ...listenerRows(evidence),
  ];
}

function sessionCell(row: ClientRow): Cell {
  const kept = row.clean ? 'clean session' : `kept session, ${row.offlineMessages} messages wait`;
  if (row.isOnline) return cell(`online on ${peerOf(row)}; ${kept}`, 'good');
  return cell(`${row.state} on ${row.node}; ${kept}`, 'warning');
}

const peerOf = ({ node, host, port, protocol, user, startedAt }: ClientRow) =>
  [
    `${node} from ${host ?? '?'}:${port ?? '?'}`,
    ...(user === null ? [] : [`as ${user}`]),
    ...(protocol === null ? [] : [`MQTT ${VERSIONS[protocol] ?? protocol}`]),
    ...(startedAt === null ? [] : [`since ${new Date(startedAt).toISOString()}`]),
  ].join(', ');

const VERSIONS: Readonly<Record<number, string>> = { 3: '3.1', 4: '3.1.1', 5: '5' };

function rightRows({ rights }: Evidence): (string | Cell)[][] {
  if (!rights) return [];
  const whose = { own: 'its own record', any: 'the record for any client', none: 'no record' }[rights.source];
  return [
    ['Record', rights.loginFails ? cell(`${whose}: ${rights.loginFails}`, 'bad') : `${whose}, ${rights.key}`],
    ...(rights.loginFails
      ? []
      : [
          ['May publish', rights.publish.join('  ') || cell('nothing', 'warning')],
          ['May subscribe', rights.subscribe.join('  ') || cell('nothing', 'warning')],
        ]),
    ...rights.problems.map((problem) => ['Not read as meant', cell(problem, 'warning')]),
  ];
}

/** Those that a kept session has stay, though its record forbids them by now. */
function subscriptionCell({ subscriptions, rights }: Evidence): Cell {
  const shown = subscriptions.map(({ filter, qos }) => {
    const isForbidden = rights && !rights.loginFails && !rights.maySubscribe(filter, qos);
    return `${filter} (QoS ${qos}${isForbidden ? ', which its record forbids by now' : ''})`;
  });
  return cell(shown.join('  '), shown.some((text) => text.includes('forbids')) ? 'warning' : 'plain');
}

/** Where it was last, what takes clients there. */
function listenerRows({ view, sightings }: Evidence): string[][] {
  const nodes = new Set(sightings.at(-1)?.rows.map(({ node }) => node));
  return view.members
    .filter(({ name, own }) => nodes.has(name) && own?.counters)
    .map(({ name, own }) => [
      `Listeners of ${name}`,
      (own?.listeners ?? [])
        .filter(({ type }) => type.startsWith('mqtt') || type.startsWith('ws'))
        .map(({ type, address, port, status }) => `${type} ${address}:${port} ${status}`)
        .join('  ') || 'none for clients',
    ]);
}

const documentOf = (evidence: Evidence, causes: readonly Cause[]) => ({
  schema: 'vmqctl.session-explain/1',
  clientId: evidence.name.clientId,
  mountpoint: evidence.name.mountpoint ?? null,
  user: evidence.user ?? null,
  sessions: evidence.sightings.at(-1)?.rows ?? [],
  looks: evidence.history.looks,
  away: evidence.history.away,
  milliseconds: evidence.looked,
  connections: evidence.history.connections.map(({ row, ...rest }) => ({ ...row, ...rest })),
  subscriptions: evidence.subscriptions,
  record: evidence.rights
    ? {
        source: evidence.rights.source,
        key: evidence.rights.key,
        loginFails: evidence.rights.loginFails ?? null,
        publish: evidence.rights.publish,
        subscribe: evidence.rights.subscribe,
        problems: evidence.rights.problems,
      }
    : null,
  counted: evidence.growth,
  log: evidence.findings,
  causes,
  notKnown: evidence.gaps,
});
