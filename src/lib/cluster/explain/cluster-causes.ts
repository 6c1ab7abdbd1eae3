import { shellQuoted } from '../../admin/ssh/quote.js';
import { servingListeners } from '../view.js';
import type { Evidence } from './evidence.js';
import { type Cause, list, logged, times } from './wording.js';

export function netsplit(evidence: Evidence): Cause[] {
  const said = logged(evidence, 'register_refused');
  const split = said.filter(({ reason }) => /not_ready/.test(reason));
  const down = evidence.view.members.filter(({ running }) => running !== 'yes').map(({ name }) => name);
  const others = said.filter(({ reason }) => !/not_ready/.test(reason));
  const isAway = evidence.history.away > 0;
  const causes: Cause[] = [];
  if (split.length > 0 || (down.length > 0 && isAway))
    causes.push({
      code: 'netsplit',
      confidence: split.length > 0 ? 'certain' : 'likely',
      message: `while a member is down the brokers refuse CONNECT, unless allow_register_during_netsplit is on${down.length > 0 ? `: ${list(down)}` : ''}${split.length > 0 ? `; the log says so ${times(split.length)}` : ''}`,
      cure: 'vmqctl cluster show tells what is down and what to do.',
    });
  if (others.length > 0)
    causes.push({
      code: 'register_refused',
      confidence: 'certain',
      message: `its session could not be registered ${times(others.length)}: ${list(others.map(({ reason }) => reason))}`,
      cure: 'If it goes on, the queue may be stuck on another node: see statename in vmqctl session show.',
    });
  return causes;
}

/** A take-over that never ends refuses every later CONNECT of the client (vernemq.md P17). */
export function stuckQueue({ sightings }: Evidence): Cause[] {
  const stuck = sightings.map(({ rows }) =>
    rows.find(({ state }) => /^(wait_for_offline|drain)$/.test(state)),
  );
  const [row] = stuck;
  if (!row || stuck.length < 3 || stuck.includes(undefined)) return [];
  return [
    {
      code: 'stuck_queue',
      confidence: 'likely',
      message: `its queue on ${row.node} stays in the state ${row.state}: until that ends, every CONNECT of this client is refused`,
      cure: `Where a migration runs, wait for it. Otherwise restart ${row.node}; 2.2.0 has the repair.`,
    },
  ];
}

export function severalQueues({ sightings }: Evidence): Cause[] {
  const nodes = sightings.map(({ rows }) => new Set(rows.map(({ node }) => node)));
  const [first] = nodes;
  if (!first || nodes.length < 3 || nodes.some(({ size }) => size < 2)) return [];
  return [
    {
      code: 'several_queues',
      confidence: 'certain',
      message: `it has a queue on more than one node (${list([...first])}), as after a netsplit: messages may wait where it does not look`,
      cure: 'Have it connect anew: vmqctl session disconnect. Is coordinate_registrations on?',
    },
  ];
}

export function badClientId(evidence: Evidence): Cause[] {
  if (logged(evidence, 'bad_client_id').length === 0) return [];
  return [
    {
      code: 'bad_client_id',
      confidence: 'certain',
      message: 'the broker does not take this client id',
      cure: 'It may have 100 characters at most, unless max_client_id_size says more.',
    },
  ];
}

export function notKnown({ sightings, view, growth, name }: Evidence, causes: readonly Cause[]): Cause[] {
  if (sightings.some(({ rows }) => rows.length > 0)) return [];
  const shut = view.members.filter(
    (member) => member.own?.counters && servingListeners(member.own).length === 0,
  );
  const expired = growth.client_expired ?? 0;
  const reasons = [
    'it never came, or with another client id or mountpoint',
    'it had a clean session, which ends with its connection',
    `its session has expired (persistent_client_expiration)${expired > 0 ? `: ${expired} did while we looked` : ''}`,
    ...(shut.length > 0 ? [`${list(shut.map((member) => member.name))} takes no clients now`] : []),
  ];
  return [
    {
      code: 'not_known',
      confidence: causes.length > 0 ? 'possible' : 'likely',
      message: `no node knows it: ${reasons.join('; or ')}`,
      cure: `Compare the spelling: vmqctl session show ${shellQuoted(`--client_id=~${name.clientId.replace(/[^\w-]/g, '.')}`)} --client_id --mountpoint --node.`,
    },
  ];
}
