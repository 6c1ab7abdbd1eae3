import { done, failed, leaveInProgress, unknown } from './outcomes.js';
import { firstLine } from './refusals.js';
import type { Classification } from './rpc.js';

const LEAVE_TEXTS: readonly (readonly [RegExp, Classification])[] = [
  [
    /^Done! Use -k/,
    done('the MQTT listeners of the node are suspended; it is still a member', 'listeners_suspended'),
  ],
  [
    /^Done$/,
    unknown(
      'leave_unverified',
      'the broker says Done, which it also says for a misspelt, dead or absent node',
      'Only the views of all members tell whether the node has left.',
    ),
  ],
  [
    /still online queues/,
    failed(
      'still_online_queues',
      'sessions were still online when the broker stopped waiting; the node stays a member, without its MQTT listeners',
      'Run the same command again with a longer -t; see console.log on the leaving node for the queues that remain.',
    ),
  ],
  [
    /cluster is inconsistent/,
    failed(
      'cluster_inconsistent',
      'the broker cannot migrate queues while the cluster is inconsistent',
      'See what the members disagree about with vmqctl cluster show, mend that, then run the same command again.',
    ),
  ],
  [
    /no_target_available/,
    failed(
      'no_target_available',
      'there is no other member that could take the queues; the MQTT listeners of the node are gone already',
      'Start its listeners again (vmq-admin listener start address=… port=…) or restart the node.',
    ),
  ],
  [
    /^Unknown error: noconnection/,
    failed(
      'leaver_died',
      'the broker has lost the leaving node: it died or is cut off; what had not moved is on its disk',
      'Keep its data. Start it again and run the same command; its account tells what came through.',
    ),
  ],
  [
    /^Unknown error: noproc/,
    unknown('node_is_stopping', 'the node is shutting down already', 'Watch the views of the other members.'),
  ],
  [
    /^Migration already started/,
    unknown(
      'migration_running',
      'a migration is running already',
      'Watch it; a second one must not be started.',
    ),
  ],
];

/** What the last text of a `cluster leave` says. */
export function classifyLeave(text: string): Classification {
  if (text === '') return leaveInProgress('the answer says nothing'); // the broker always ends a leave with a text
  const known = LEAVE_TEXTS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? leaveFailed(text);
}

const leaveFailed = (text: string) =>
  failed(
    'leave_failed',
    `the broker could not take the node out: ${firstLine(text)}`,
    'See console.log on the leaving node, and with vmqctl cluster show what state it is in now.',
  );
