import { shellQuoted } from '../../admin/ssh/quote.js';
import { isLoopback } from '../../loopback.js';
import type { Evidence } from './evidence.js';
import { deviceOf, exchanges } from './history.js';
import { type Cause, list, logged, returns, seconds, times } from './wording.js';

/** Two clients that share an id take the session from each other: nobody is away, and the session is another each time. */
export function takenOver(evidence: Evidence): Cause[] {
  const { history, looked } = evidence;
  const { count, isAway } = returns(evidence);
  const said = logged(evidence, 'taken_over').length;
  // One client that comes again at once each time that it is sent away looks the same.
  const isExplainedByRefusals = (evidence.growth.mqtt_publish_auth_error ?? 0) >= count;
  const rows = history.connections.map(({ row }) => row);
  const devices = new Set(rows.map(deviceOf));
  const isExchange = devices.size > 1 && exchanges(history) > 1;
  if (said === 0 && !isExchange && (count < 2 || isAway)) return [];
  const peers = list(rows.map(({ host, user }) => `${host ?? '?'}${user ? ` (user ${user})` : ''}`));
  const seen =
    count === 0 ? '' : `; ${times(count)} in ${seconds(looked)} its session was another one: ${peers}`;
  const log = said === 0 ? '' : `; the log says so ${times(said)}`;
  return [
    {
      code: 'taken_over',
      confidence:
        said > 1 || isExchange ? 'certain' : said > 0 || !isExplainedByRefusals ? 'likely' : 'possible',
      message: `two clients share this client id and take its session from each other${seen}${log}`,
      cure: `Give one of them another client id. ${whereToLook(rows)}`,
    },
  ];
}

function whereToLook(
  rows: readonly { readonly host: string | null; readonly port: number | null }[],
): string {
  const hosts = new Set(rows.map(({ host }) => host));
  if (hosts.size > 1) return 'They are at the addresses above.';
  const [host] = hosts;
  const why = host && isLoopback(host) ? 'on this machine, or behind the same proxy' : 'there, or behind it';
  return `Both come from ${host ?? 'one address'}: look for two programs ${why}.`;
}

export function keepaliveExpired(evidence: Evidence): Cause[] {
  const said = logged(evidence, 'keepalive_expired').length;
  const grown = evidence.growth.client_keepalive_expired ?? 0;
  const { count } = returns(evidence);
  if (said === 0 && (grown === 0 || count === 0)) return [];
  return [
    {
      code: 'keepalive_expired',
      confidence: said > 0 ? 'certain' : count > 1 && grown >= count ? 'likely' : 'possible',
      message:
        said > 0
          ? `it was silent for longer than its keepalive ${times(said)}`
          : `the brokers ended ${grown} connections because their clients were silent for longer than their keepalive`,
      cure: 'A network that drops idle connections, or a client that is too busy to send PINGREQ: try a longer keepalive.',
    },
  ];
}

/** It comes and goes, and nothing that was seen says why. */
export function unexplainedLoop(evidence: Evidence, causes: readonly Cause[]): Cause[] {
  const { count } = returns(evidence);
  if (count === 0 || causes.some(({ confidence }) => confidence !== 'possible')) return [];
  return [
    {
      code: 'reconnects',
      confidence: count > 1 ? 'likely' : 'possible',
      message: `it came anew ${times(count)} in ${seconds(evidence.looked)}: it goes by itself, or is sent away for something that only the log tells`,
      cure: `Give the ssh:// nodes for their logs, or watch it: vmqctl trace client ${shellQuoted(`client-id=${evidence.name.clientId}`)}, over erl:// or ssh://.`,
    },
  ];
}
