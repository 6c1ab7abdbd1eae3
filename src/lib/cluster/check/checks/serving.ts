import { type Member, mqttListeners, servingListeners } from '../../view.js';
import type { Check } from '../check.js';
import type { Dial } from '../evidence.js';
import { type Answers, type Finding, judged, ok, unknown } from '../finding.js';
import { isNear, placeOf } from '../place.js';
import { NotKnown, reached, type Survey } from '../survey.js';

/** Whether clients are served, and whether what load balancers ask tells the truth about it. */
export const servingChecks: readonly Check[] = [
  {
    name: 'listeners',
    about: 'Every member has an MQTT listener that takes connections',
    run: async (survey) => judgeListeners(survey.living.filter(isTold), await dialListeners(survey)),
  },
  {
    name: 'health-endpoint',
    about: '/health says OK only where MQTT clients are served',
    run: async (survey) => {
      const answers = await survey.each(async (member) => {
        if (!isTold(member)) throw new NotKnown('its listeners are not known');
        const { status } = await survey.page(member, '/health');
        return { says: status === 200, serves: servingListeners(member.own).length > 0 };
      });
      return judged(answers, judgeHealth);
    },
  },
];

/** Of one of which only its membership is known, nobody knows the listeners. */
const isTold = ({ own }: Member) => own !== null && own.listeners.length > 0;

async function dialListeners(survey: Survey): Promise<Answers<Dial>> {
  return await survey.each(async (member) => {
    const [listener] = servingListeners(member.own);
    if (!isTold(member)) throw new NotKnown('its listeners are not known');
    if (!listener) return 'refused';
    const place = isNear(reached(member)) ? placeOf(member.name, listener) : undefined;
    const met = place && (await survey.probes.dial(place.host, place.port, survey.options));
    if (met === undefined)
      throw new NotKnown(`${place?.host ?? listener.address}:${listener.port} cannot be tried from here`);
    return met;
  });
}

export function judgeListeners(members: readonly Member[], dials: Answers<Dial>): Finding {
  const idle = members.filter(({ own }) => servingListeners(own).length === 0);
  if (idle.length > 0) {
    const suspended = idle.filter(({ own }) => mqttListeners(own).length > 0);
    const nodes = idle.map(({ name }) => name);
    return {
      status: 'critical',
      summary: `${nodes.join(', ')} ${nodes.length === 1 ? 'serves' : 'serve'} no MQTT clients`,
      evidence: idle.map(
        (member) =>
          `${member.name}: ${suspended.includes(member) ? 'its MQTT listeners are suspended' : 'it has no MQTT listener'}`,
      ),
      cause: 'the first stage of a leave suspends them, and one with -k deletes them',
      cure: 'To take clients again: vmqctl listener restart address=… port=… --node URL of that node, or restart it. To go on: vmqctl cluster leave with -k.',
      nodes,
    };
  }
  return judged(dials, (known) => {
    const shut = [...known].filter(([, met]) => met !== 'open');
    if (shut.length === 0) return ok('every member takes MQTT connections');
    const nodes = shut.map(([node]) => node);
    const reasons = shut.map(
      ([node, met]) =>
        `${node}: its MQTT listener runs and ${met === 'refused' ? 'refuses connections' : 'does not answer'} here`,
    );
    const cause = 'a packet filter, or a listener that is full (max_connections)';
    const cure = 'Try it from where the clients are. In between, let its port through.';
    if (shut.length === known.size)
      return { ...unknown('no MQTT listener can be reached from here', reasons, cure), nodes };
    return {
      status: 'warn',
      summary: `${nodes.join(', ')}: no MQTT connection from here, though others take them`,
      evidence: reasons,
      cause,
      cure,
      nodes,
    };
  });
}

export function judgeHealth(
  known: ReadonlyMap<string, { readonly says: boolean; readonly serves: boolean }>,
): Finding {
  const trapped = [...known].filter(([, { says, serves }]) => says && !serves).map(([node]) => node);
  const down = [...known].filter(([, { says, serves }]) => !says && serves).map(([node]) => node);
  const evidence = [...known].map(
    ([node, { says, serves }]) =>
      `${node}: /health says ${says ? 'OK' : 'DOWN'}, and it ${serves ? 'serves' : 'does not serve'} clients`,
  );
  if (trapped.length > 0)
    return {
      status: 'critical',
      summary: `${trapped.join(', ')}: /health says OK though no MQTT client is served`,
      evidence,
      cause: 'a leave with -k has deleted the MQTT listeners, and /health looks only at those that are left',
      cure: 'Take the node out of the load balancer by hand, and finish the leave or restart the node.',
      nodes: trapped,
    };
  if (down.length > 0)
    return {
      status: 'warn',
      summary: `${down.join(', ')}: /health says DOWN though MQTT clients are served`,
      evidence,
      cause: 'some other listener of it is suspended, or it does not count itself as running',
      cure: 'See its listeners: vmqctl listener show. A load balancer that asks /health sends it nobody.',
      nodes: down,
    };
  return ok('what /health says is the case', evidence);
}
