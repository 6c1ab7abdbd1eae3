import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import type { SshHost } from '../ssh/host.js';
import type { LogRecord } from './record.js';
import { LogSource, type SourceEvent, type SourceOptions } from './source.js';

/**
 * What a node that leaves says of its queues: `vmq_server_cli:wait_till_all_offline/2`, the `drain` state of `vmq_queue`,
 * `vmq_reg_mgr:handle_new_sub_event/3`, `vmq_reg:fix_dead_queues/2`, and its links to the others (`vmq_cluster_mon`,
 * `vmq_cluster_node`), from apps/vmq_server of releases 2.1.2 and 2.2.0.
 */
const MIGRATION = new RegExp(
  [
    'all queues offline: ',
    'intermediate queue summary: ',
    "drain queue '",
    'in drain state',
    'migrat(e|ing|ion) ',
    'dead queues? ',
    "cluster node '?\\S+ (UP|DOWN)$",
    'connection to node \\S+ has been closed',
    "can't connect to cluster node ",
  ].join('|'),
  'm',
);

/** A run of `vmq-admin`, which is a node of its own for a moment (vernemq.md §6). */
const VMQ_ADMIN = /cluster node '?\S+_maint_\d+@\S+ (UP|DOWN)$/m;

/** Whether an entry speaks of queues that move, or of a link between nodes. */
export const isMigration = ({ message }: Pick<LogRecord, 'message'>): boolean =>
  MIGRATION.test(message) && !VMQ_ADMIN.test(message);

export type MigrationEvent = Extract<SourceEvent, { kind: 'records' | 'lost' | 'reached' | 'warning' }>;

export interface MigrationOptions extends Pick<SourceOptions, 'node' | 'file' | 'prefix' | 'deadline'> {
  readonly sudo?: boolean | undefined;
  readonly clock: Clock;
}

/**
 * Follows the log of a node that leaves, from now on, as to its migration. It ends when the signal is aborted, after what
 * was read by then; and survives that the node stops, and that the connection is lost.
 *
 * @throws Failure: credentials or configuration (no log, not readable); nothing of the leave itself depends on it
 */
export async function* migrationLog(
  host: SshHost,
  { clock, sudo = false, ...options }: MigrationOptions,
  signal: AbortSignal,
): AsyncGenerator<MigrationEvent, void> {
  const source = new LogSource(host, { ...options, sudo, lines: 0, follow: true }, clock, signal);
  for await (const event of source.events()) {
    if (event.kind === 'live') continue;
    if (event.kind !== 'records') yield event;
    else {
      const records = event.records.filter(isMigration);
      if (records.length > 0) yield { kind: 'records', records };
    }
  }
}

/** How the logs of a cluster's hosts are reached. */
export interface MigrationHosts extends Pick<MigrationOptions, 'clock' | 'deadline'> {
  host(url: string): SshHost;
  /** Where the machine of a node is reached, if that is known. */
  hostUrl(node: string, address: string | null): string | undefined;
  readonly vmqAdmin: Pick<MigrationOptions, 'sudo' | 'prefix'>;
}

/**
 * Opens the log of a node, as far as it is known how to get to its host.
 *
 * @param file its path there; without it, it is looked for
 * @throws Failure (usage) where none does
 */
export function openMigrationLog(
  node: string,
  { host, hostUrl, vmqAdmin: { sudo, prefix }, clock, deadline }: MigrationHosts,
  file: string | undefined,
) {
  const options = { node, file, sudo, prefix, clock, deadline };
  return (address: string | null, signal: AbortSignal): AsyncGenerator<MigrationEvent, void> => {
    const url = hostUrl(node, address);
    if (url !== undefined) return migrationLog(host(url), options, signal);
    throw new Failure('usage', 'no_ssh_node', `${address ?? node} does not tell how to get to its host`, {
      hint: 'Name the host too, with --node ssh://USER@HOST.',
    });
  };
}
