import { estimateStorm } from '../../staged/estimate.js';
import type { Member } from '../../view.js';
import type { Check } from '../check.js';
import { type Finding, judged, ok } from '../finding.js';
import type { Thresholds } from '../options.js';
import { NotKnown, reached, type Survey } from '../survey.js';
import { rowsOf } from './software.js';

/** More than this are not looked through one by one. */
const MOST_QUEUES = 20_000;

/** Whether clients come in, and whether those that are in are not stuck. */
export const sessionChecks: readonly Check[] = [
  {
    name: 'wedged-sessions',
    about: 'No session waits for ever for another one of the same client to end',
    run: async (survey) => judged(await survey.each((member) => wedgedOn(survey, member)), judgeWedged),
  },
  {
    name: 'login-capacity',
    about: 'The clients of the largest node could log in elsewhere in good time',
    run: async (survey, thresholds) =>
      judged(
        await survey.each(async ({ own }) => {
          if (own?.counters) return own.counters.online;
          throw new NotKnown('its sessions are not counted');
        }),
        (online) => judgeLogins(online, thresholds),
      ),
  },
];

/** Those that wait at both of two looks; a take-over is over sooner. */
async function wedgedOn(survey: Survey, member: Member): Promise<readonly string[]> {
  const before = new Set(await waitingOn(survey, member));
  await survey.pause();
  return (await waitingOn(survey, member)).filter((session) => before.has(session));
}

/** Neither online nor offline: client ids, or numbers where the node counts them itself. */
async function waitingOn(survey: Survey, member: Member): Promise<string[]> {
  const { counters } = member.own ?? {};
  const rpc = survey.fleet.rpc(reached(member));
  if (rpc.queueSummary) {
    const { waitingForOffline } = await rpc.queueSummary(survey.options);
    return Array.from({ length: waitingForOffline }, (_, index) => `number ${index + 1}`);
  }
  if (!counters || counters.online + counters.offline > MOST_QUEUES)
    throw new NotKnown('it has too many queues to look at each; over erl:// it counts them itself');
  const reply = await survey.ask(member, {
    words: ['session', 'show'],
    flags: [
      ['client_id', true],
      ['node', member.name],
      ['is_online', 'false'],
      ['is_offline', 'false'],
      ['limit', '1000'],
      ['rowtimeout', '1000'],
    ],
  });
  return rowsOf(reply).map(({ client_id }) => String(client_id));
}

export function judgeWedged(known: ReadonlyMap<string, readonly string[]>): Finding {
  const stuck = [...known].filter(([, sessions]) => sessions.length > 0);
  if (stuck.length === 0) return ok('no session is stuck');
  return {
    status: 'warn',
    summary: `${stuck.map(([node, { length }]) => `${length} on ${node}`).join(', ')}: sessions that do not come to their end`,
    evidence: stuck.map(([node, sessions]) => `${node}: ${sessions.slice(0, 5).join(', ')}`),
    cause: 'a take-over of a session that never ended (up to 2.1.x), or a leave that is under way',
    cure: 'Such a client is refused until its node is restarted, and a leave -k of that node fails. Restart it, or upgrade to 2.2.0.',
    nodes: stuck.map(([node]) => node),
  };
}

export function judgeLogins(
  online: ReadonlyMap<string, number>,
  { loginStorm, bcryptPool, bcryptCost }: Pick<Thresholds, 'loginStorm' | 'bcryptPool' | 'bcryptCost'>,
): Finding {
  const [largest, sessions] = [...online].reduce((one, other) => (other[1] > one[1] ? other : one));
  const others = Math.max(1, online.size - 1);
  const { loginRate, lasts } = estimateStorm({ sessions, survivors: others, bcryptPool, bcryptCost });
  const seconds = Math.round(lasts / 1000);
  const evidence = [
    `${largest} has ${sessions} sessions; the others check about ${loginRate.toFixed(1)} bcrypt hashes per second (pool ${bcryptPool}, cost ${bcryptCost})`,
  ];
  if (lasts <= loginStorm)
    return ok(`should ${largest} fail, its clients are in again after about ${seconds} s`, evidence);
  return {
    status: 'warn',
    summary: `should ${largest} fail, its clients take about ${seconds} s to log in elsewhere`,
    evidence,
    cause: 'the brokers check one bcrypt hash at a time for each of vmq_bcrypt.pool_size',
    cure: 'Set vmq_bcrypt.pool_size to the number of cores, or lower the cost of the hashes. If logins are not checked with bcrypt: --skip login-capacity.',
    nodes: [largest],
  };
}
