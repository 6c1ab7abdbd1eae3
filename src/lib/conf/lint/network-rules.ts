import { isIP } from 'node:net';
import { isLoopback } from '../../loopback.js';
import { critical, type Finding, warn } from './finding.js';
import type { Listener, Node } from './node.js';

/** Whether the nodes can find and reach each other: names, cluster listeners, ports. `local` is a node by
 * itself, or one of a cluster on a single machine. */
export function lintNetwork(node: Node, local: boolean): Finding[] {
  return [...lintName(node, local), ...lintClusterListeners(node, local), ...lintPortRange(node)];
}

/** On one machine it may be meant to be: between machines it is a mistake. */
const severe = (local: boolean) => (local ? warn : critical);

function lintName(node: Node, local: boolean): Finding[] {
  const name = node.value('nodename');
  if (name === undefined) return [];
  const place = node.place('nodename');
  if (!/^[\w-]+@[^@\s]+$/.test(name))
    return [
      critical(
        'bad_node_name',
        place,
        `'${name}' is no node name: Erlang does not start with it`,
        'Write NAME@ADDRESS.',
      ),
    ];
  if (!isLoopbackHost(node.host)) return [];
  return [
    severe(local)(
      'loopback_node_name',
      place,
      `${name} can be reached from its own machine alone: nodes on others can neither join it nor be joined`,
      'Name it after an address that the others reach, before it has data: later the name cannot be changed.',
    ),
  ];
}

function lintClusterListeners(node: Node, local: boolean): Finding[] {
  const plain = node.listeners('vmq');
  const secure = node.listeners('vmqs');
  const [first] = [...plain, ...secure];
  if (!first)
    return local
      ? []
      : [
          critical(
            'no_cluster_listener',
            node.place('listener.vmq.clustering'),
            'the others have nowhere to send messages to: there is no cluster listener',
            'Set listener.vmq.clustering = ADDRESS:44053.',
          ),
        ];
  const both = plain.length > 0 && secure.length > 0 ? [vmqBesideVmqs(first)] : [];
  return [
    ...both,
    ...[...plain, ...secure].flatMap((listener) => lintClusterListener(node, listener, local)),
  ];
}

const vmqBesideVmqs = ({ place }: Listener) =>
  warn(
    'vmq_and_vmqs',
    place,
    'the others use the vmqs listener alone; the vmq one stays open without need',
    'Keep one of the two.',
  );

/** A node asks its peer for the configured address and dials just that. */
function lintClusterListener(node: Node, { host, place }: Listener, local: boolean): Finding[] {
  if (isAnyAddress(host))
    return [
      severe(local)(
        'cluster_listener_any_address',
        place,
        `the others dial ${host} as it stands, and thus themselves: no message gets from node to node`,
        `Write the address that the others reach${hint(node)}.`,
      ),
    ];
  if (isLoopbackHost(host) && !isLoopbackHost(node.host))
    return [
      severe(local)(
        'cluster_listener_loopback',
        place,
        `the others dial ${host} on their own machines`,
        `Write the address that the others reach${hint(node)}.`,
      ),
    ];
  if (isIP(node.host) === 0 || node.host === host || isLoopbackHost(host)) return [];
  return [
    warn(
      'cluster_listener_other_address',
      place,
      `${host} is not the address in the name of the node, ${node.host}: is it this machine’s?`,
      'Nothing, where the cluster has a network of its own; else write the address of this node.',
    ),
  ];
}

const hint = (node: Node) => (isIP(node.host) !== 0 && !isLoopbackHost(node.host) ? `: ${node.host}` : '');

function lintPortRange(node: Node): Finding[] {
  const [from, to] = ['minimum', 'maximum'].map((end) => node.value(`erlang.distribution.port_range.${end}`));
  const place = node.place(`erlang.distribution.port_range.${from === undefined ? 'maximum' : 'minimum'}`);
  if (from === undefined && to === undefined) return [];
  if (from === undefined)
    return [
      warn(
        'port_range_without_minimum',
        place,
        'without a minimum there is no range: any high port is taken',
        'Set erlang.distribution.port_range.minimum too.',
      ),
    ];
  if (to === undefined)
    return [
      warn(
        'port_range_without_maximum',
        place,
        `without a maximum there is one port, ${from}: a second node on this machine, or a quick restart, finds it taken`,
        'Set erlang.distribution.port_range.maximum too; firewalls must let these, 4369 and 44053 through.',
      ),
    ];
  if (Number(from) <= Number(to)) return [];
  return [
    critical(
      'port_range_reversed',
      place,
      `no port is from ${from} to ${to}: the node does not start`,
      'Swap the two.',
    ),
  ];
}

export const isLoopbackHost = (host: string): boolean => isLoopback(host.toLowerCase());

export const isAnyAddress = (host: string): boolean => /^(?:0+(?:\.0+){0,3}|[0:]*::[0:]*)$/.test(host);
