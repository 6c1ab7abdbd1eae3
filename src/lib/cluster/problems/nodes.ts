import { type ClusterView, type Member, mqttListeners, servingListeners } from '../view.js';
import { list, type Problem } from './problem.js';

export function noView({ members }: ClusterView): Problem[] {
  return members.length > 0
    ? []
    : [
        {
          code: 'no_view',
          severity: 'error',
          message: 'no node answered',
          hint: 'Check the URLs, and that the brokers run.',
          nodes: [],
        },
      ];
}

/** Listed, and running for nobody: while it is listed the cluster counts as split. */
export function deadMembers(view: ClusterView): Problem[] {
  const ghosts = view.members
    .filter(({ running, own }) => running === 'no' && own === null)
    .map(({ name }) => name);
  if (ghosts.length === 0) return [];
  const [verb, it] = ghosts.length === 1 ? ['is a member', 'it'] : ['are members', 'them'];
  // Of several the broker repairs none until all are out.
  const cure = ghosts.length === 1 ? `leave node=${ghosts[0]}` : 'reap';
  return [
    {
      code: 'ghost',
      severity: 'error',
      message: `${list(ghosts)} ${verb} and nobody reaches ${it}: while that lasts, CONNECT, PUBLISH and SUBSCRIBE are refused unless allow_*_during_netsplit is on`,
      hint: `Start ${it} again; or, if gone for good, take ${it} out: vmqctl cluster ${cure} --allow-message-loss (what is queued on its disk is lost).`,
      nodes: ghosts,
    },
  ];
}

export function statusHangs({ partial, members }: ClusterView): Problem[] {
  if (partial.length === 0) return [];
  const silent = members
    .filter(({ own, running }) => own === null && running !== 'no')
    .map(({ name }) => name);
  const suspect =
    silent.length > 0 ? `; no word from ${list(silent)}, probably frozen though still shown as running` : '';
  return [
    {
      code: 'status_hangs',
      severity: 'error',
      message: `/status.json hangs on ${list(partial)}, as it does while a member is frozen${suspect}`,
      hint: 'Look at that host: a stopped or swapping process. The others notice only after about a minute.',
      nodes: silent,
    },
  ];
}

/** Its own view may still be known, because another node carried it. */
export function unreachableFromHere({ unreachable, members }: ClusterView): Problem[] {
  return unreachable.map(({ address, node, error, failure }) => {
    const known = members.some(({ name, own }) => name === node && own !== null);
    return {
      code: 'unreachable',
      severity: known ? ('warning' as const) : ('error' as const),
      message: `${node ? `${node} (${address})` : address} does not answer here: ${error}`,
      hint: known
        ? 'Its view came through another node. If it is reached at another address, name it with another --node URL.'
        : (failure?.hint ?? 'Check the URL, the firewall, and that the broker runs.'),
      nodes: node ? [node] : [],
    };
  });
}

export function versionSkew({ members }: ClusterView): Problem[] {
  const versions = new Map<string, string[]>();
  for (const { name, own } of members) {
    if (own?.version) versions.set(own.version, [...(versions.get(own.version) ?? []), name]);
  }
  if (versions.size < 2) return [];
  const described = [...versions].map(([version, names]) => `${version} (${list(names)})`).join(', ');
  return [
    {
      code: 'version_skew',
      severity: 'warning',
      message: `the members run different versions: ${described}`,
      hint: 'Finish the upgrade before joining or leaving: a leave between different versions can fail.',
      nodes: [...versions.values()].flat(),
    },
  ];
}

export function notServing({ members, partial }: ClusterView): Problem[] {
  if (partial.length > 0) return []; // the listeners are not known
  return members
    .filter(({ own }) => own !== null && servingListeners(own).length === 0)
    .map(explainNotServing);
}

function explainNotServing({ name, own }: Member): Problem {
  const suspended = mqttListeners(own).length > 0;
  return {
    code: suspended ? 'listeners_suspended' : 'no_mqtt_listener',
    severity: 'warning',
    message: suspended
      ? `${name} accepts no MQTT clients: its listeners are suspended, as after the first stage of a leave`
      : `${name} has no MQTT listener: none is configured, or a leave with -k has removed them`,
    hint: suspended
      ? 'To undo: vmqctl listener restart address=… port=… --node URL of that node. To go on: vmqctl cluster leave with -k.'
      : 'After an unfinished leave, finish it with vmqctl cluster leave -k, or start the listeners or the node again.',
    nodes: [name],
  };
}
