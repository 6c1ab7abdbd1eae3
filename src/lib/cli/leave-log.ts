import { hostUrlFor } from '../cluster/host-urls.js';
import type { LeaveEvent } from '../cluster/leave/events.js';
import {
  type LogEvent,
  type Occasion,
  occasionOfLeave,
  withMigrationLog,
} from '../cluster/leave/with-log.js';
import type { StagedEvent } from '../cluster/staged/context.js';
import { openMigrationLog } from '../logs/migration.js';
import { logPath } from '../logs/request.js';
import type { CommandFleet } from './cluster-command.js';

/** Whose log is shown beside its leave. */
export interface Logged {
  readonly node: string;
  readonly fleet: CommandFleet;
  /** On its host, if it is not where it usually is. */
  readonly path: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Events<Event, Report> = AsyncGenerator<Event, Report>;

/** A leave, with what the log of its node says of it. Where that cannot be shown, nothing is sent. */
export const leaveWithLog = <Report>(leave: Events<LeaveEvent, Report>, logged: Logged) =>
  withLog(leave, logged, occasionOfLeave);

/** The same for a staged leave, from its first phase on. That goes on without the log too. */
export const stagedWithLog = <Report>(leave: Events<StagedEvent, Report>, logged: Logged) =>
  withLog(leave, logged, occasionOfStaged);

const occasionOfStaged = (event: StagedEvent): Occasion | undefined =>
  event.type === 'phase' && event.phase !== 'restore' ? { leaver: event.leaver, isFirst: false } : undefined;

function withLog<Event, Report>(
  leave: Events<Event, Report>,
  { node, fleet, path, signal }: Logged,
  occasionOf: (event: Event) => Occasion | undefined,
): Events<Event | LogEvent, Report> {
  const hosts = {
    ...fleet,
    hostUrl: (name: string, address: string | null) => hostUrlFor({ name, address }, fleet.seeds),
  };
  const open = openMigrationLog(node, hosts, path === undefined ? undefined : logPath(path, '--log-file'));
  return withMigrationLog(leave, { open, occasionOf, clock: fleet.clock, signal });
}
