import { type ClusterView, type Member, mqttListeners, servingListeners } from './view.js';

/** `error`: the cluster is not healthy. `warning`: worth knowing, and not a fault by itself. */
export type Severity = 'error' | 'warning';

export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  /** What is the case, and why as far as it can be told. */
  readonly message: string;
  /** The cure. */
  readonly hint: string;
  readonly nodes: readonly string[];
}

/** Everything that is wrong with a cluster, the gravest first. Pure: it only reads the view. */
export function findProblems(view: ClusterView): Problem[] {
  const found = [
    ...noView(view),
    ...separateClusters(view),
    ...membershipDiffers(view),
    ...partitions(view),
    ...oneSidedViews(view),
    ...lostLinks(view),
    ...undecided(view),
    ...deadMembers(view),
    ...statusHangs(view),
    ...unreachableFromHere(view),
    ...versionSkew(view),
    ...notServing(view),
  ];
  return found.sort((one, other) => rank(one) - rank(other));
}

export const isHealthy = (problems: readonly Problem[]): boolean =>
  problems.every(({ severity }) => severity !== 'error');

const rank = ({ severity }: Problem) => (severity === 'error' ? 0 : 1);
const list = (names: readonly string[]) => names.join(', ');

function noView({ members }: ClusterView): Problem[] {
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

/** What the members are to each other: by whom each is listed, without regard to running. */
const lists = (view: ClusterView, observer: string, name: string) => {
  const member = view.members.find((candidate) => candidate.name === name);
  return member?.seenBy[observer] !== null && member?.seenBy[observer] !== undefined;
};

/** Groups of observers such that within a group each is linked with each, directly or through others. */
function groups(names: readonly string[], linked: (one: string, other: string) => boolean): string[][] {
  const left = new Set(names);
  const found: string[][] = [];
  for (const name of names) {
    if (!left.delete(name)) continue;
    const group = [name];
    for (const inside of group) {
      for (const other of [...left].filter((candidate) => linked(inside, candidate))) {
        left.delete(other);
        group.push(other);
      }
    }
    found.push(group);
  }
  return found;
}

function separateClusters(view: ClusterView): Problem[] {
  const clusters = groups(view.observers, (one, other) => lists(view, one, other) || lists(view, other, one));
  if (clusters.length < 2) return [];
  return [
    {
      code: 'separate_clusters',
      severity: 'error',
      message: `these are ${clusters.length} clusters that do not know each other: ${clusters.map(list).join(' | ')}`,
      hint: 'Join them with vmqctl cluster join discovery-node=NODE --on URL, where URL is the joining, empty node.',
      nodes: view.observers,
    },
  ];
}

/** Nodes of one cluster whose member lists are not the same: a wiped, an expelled or a lagging node. */
function membershipDiffers(view: ClusterView): Problem[] {
  const others = (node: string) => view.observers.filter((other) => other !== node);
  const listedBy = (node: string) => others(node).filter((other) => lists(view, other, node));
  const listOf = (node: string) => others(node).filter((other) => lists(view, node, other));
  const expelled = view.observers.filter((node) => listedBy(node).length === 0 && listOf(node).length > 0);
  const wiped = view.observers.filter((node) => listOf(node).length === 0 && listedBy(node).length > 0);
  const lagging = view.observers
    .filter((node) => !wiped.includes(node))
    .flatMap((node) => {
      const unlisted = listedBy(node).filter(
        (other) => !lists(view, node, other) && !expelled.includes(other),
      );
      return unlisted.length > 0 ? [shorterList(node, unlisted)] : [];
    });
  return [
    ...wiped.map((node) => wipedNode(node, listedBy(node))),
    ...expelled.map((node) => expelledNode(node, listOf(node))),
    ...lagging,
  ];
}

const wipedNode = (node: string, others: readonly string[]): Problem => ({
  code: 'wiped_node',
  severity: 'error',
  message: `${node} lists itself alone, though ${list(others)} list it: its data was wiped, or a join has not arrived yet`,
  hint: `If this lasts longer than 20 s, join it again: vmqctl cluster join discovery-node=${others[0]} --on the URL of ${node}.`,
  nodes: [node, ...others],
});

const expelledNode = (node: string, others: readonly string[]): Problem => ({
  code: 'expelled_node',
  severity: 'error',
  message: `${node} still lists ${list(others)}, and none of them lists it: it was taken out of the cluster while it ran or was down, or its join has not arrived yet`,
  hint: `If this lasts longer than 20 s after a join, stop ${node}, wipe its data and join it again. Its clients are not part of the cluster.`,
  nodes: [node, ...others],
});

const shorterList = (node: string, unlisted: readonly string[]): Problem => ({
  code: 'membership_differs',
  severity: 'error',
  message: `${node} does not list ${list(unlisted)}, which ${unlisted.length === 1 ? 'lists' : 'list'} it`,
  hint: 'Membership spreads within about 15 s. If this lasts, restart the node with the shorter list.',
  nodes: [node, ...unlisted],
});

const sees = (view: ClusterView, observer: string, name: string) =>
  view.members.find((member) => member.name === name)?.seenBy[observer] ?? null;

/** Living nodes that report each other as not running: the network between them is cut. */
function partitions(view: ClusterView): Problem[] {
  const cut = view.observers.some((one) =>
    view.observers.some((other) => sees(view, one, other) === false && sees(view, other, one) === false),
  );
  if (!cut) return [];
  const sides = groups(
    view.observers,
    (one, other) => sees(view, one, other) === true && sees(view, other, one) === true,
  );
  if (sides.length < 2) return [];
  return [
    {
      code: 'netsplit',
      severity: 'error',
      message: `the cluster is split: ${sides.map(list).join(' | ')}; each side runs and reports the other as down`,
      hint: 'Check the Erlang ports (4369 and the distribution range), the cookie, and the address in listener.vmq.clustering on both sides. Do not join or leave anything now.',
      nodes: sides.flat(),
    },
  ];
}

function oneSidedViews(view: ClusterView): Problem[] {
  return view.observers.flatMap((observer) => {
    const lost = view.observers.filter(
      (other) => sees(view, observer, other) === false && sees(view, other, observer) === true,
    );
    if (lost.length === 0) return [];
    return [
      {
        code: 'one_sided_view',
        severity: 'error' as const,
        message: `${observer} reports ${list(lost)} as not running, though ${list(lost)} ${lost.length === 1 ? 'runs and sees' : 'run and see'} it: the link works in one direction only`,
        hint: `Check listener.vmq.clustering on both: it must be an address that the other can dial, neither 0.0.0.0 nor 127.0.0.1 nor another machine's.`,
        nodes: [observer, ...lost],
      },
    ];
  });
}

/** Two that report each other as down while others still see both: no split of the whole, one link is lost. */
function lostLinks(view: ClusterView): Problem[] {
  if (partitions(view).length > 0) return [];
  return view.observers.flatMap((one, index) =>
    view.observers
      .slice(index + 1)
      .filter((other) => sees(view, one, other) === false && sees(view, other, one) === false)
      .map((other) => ({
        code: 'lost_link',
        severity: 'error' as const,
        message: `${one} and ${other} report each other as not running, though others see both`,
        hint: 'Check the Erlang ports (4369 and the distribution range) and listener.vmq.clustering between these two.',
        nodes: [one, other],
      })),
  );
}

/** Alive for some and dead for others, and giving no view of its own that could decide it. */
function undecided({ members }: ClusterView): Problem[] {
  return members
    .filter(({ running, own }) => running === 'split' && own === null)
    .map(({ name, seenBy }) => {
      const who = (wanted: boolean) =>
        list(Object.keys(seenBy).filter((observer) => seenBy[observer] === wanted));
      return {
        code: 'undecided',
        severity: 'error' as const,
        message: `${name} runs for ${who(true)} and not for ${who(false)}, and gives no view of its own`,
        hint: 'It may have just died: look again in a minute. If this lasts, reach it with its own --node URL.',
        nodes: [name],
      };
    });
}

/** Listed, and running for nobody: while it is listed the cluster counts as split. */
function deadMembers(view: ClusterView): Problem[] {
  const ghosts = view.members
    .filter(({ running, own }) => running === 'no' && own === null)
    .map(({ name }) => name);
  if (ghosts.length === 0) return [];
  const [verb, it] = ghosts.length === 1 ? ['is a member', 'it'] : ['are members', 'them'];
  return [
    {
      code: 'ghost',
      severity: 'error',
      message: `${list(ghosts)} ${verb} and nobody reaches ${it}: while that lasts, CONNECT, PUBLISH and SUBSCRIBE are refused unless allow_*_during_netsplit is on`,
      hint: `Start ${it} again; or, if gone for good, take ${it} out: vmqctl cluster leave node=${ghosts[0]} (what is queued on its disk is lost).`,
      nodes: ghosts,
    },
  ];
}

function statusHangs({ partial, members }: ClusterView): Problem[] {
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
function unreachableFromHere({ unreachable, members }: ClusterView): Problem[] {
  return unreachable.map(({ address, node, error }) => {
    const known = members.some(({ name, own }) => name === node && own !== null);
    return {
      code: 'unreachable',
      severity: known ? ('warning' as const) : ('error' as const),
      message: `${node ? `${node} (${address})` : address} does not answer here: ${error}`,
      hint: known
        ? 'Its view came through another node. If its management API is elsewhere, name it with another --node URL.'
        : 'Check the URL, the firewall, and that the broker runs.',
      nodes: node ? [node] : [],
    };
  });
}

function versionSkew({ members }: ClusterView): Problem[] {
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

function notServing({ members, partial }: ClusterView): Problem[] {
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
      ? 'To undo: vmq-admin listener restart address=… port=… on that node. To go on: vmqctl cluster leave with -k.'
      : 'After an unfinished leave, finish it with vmqctl cluster leave -k, or start the listeners or the node again.',
    nodes: [name],
  };
}
