import * as Flags from '@oclif/core/flags';
import type { Change } from '../acl/plan/change.js';
import type { DesiredRecord } from '../acl/plan/desired.js';
import type { AclStore } from '../acl/store.js';
import type { BouncedSession } from '../cluster/bounce/affected.js';
import {
  type ProofOutcome,
  type ProveContext,
  type ProveProgress,
  proveRecords,
} from '../cluster/prove/prove.js';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import type { ReadyBrokers } from './acl-bounce.js';
import type { Narration } from './cluster-command.js';

export const proveFlags = {
  prove: Flags.boolean({
    summary:
      'Then log in as the changed clients, where that disturbs nobody, and subscribe to what they may.',
  }),
  mqtt: Flags.string({
    helpValue: 'NODE=URL',
    multiple: true,
    multipleNonGreedy: true,
    dependsOn: ['prove'],
    summary: 'Where a node takes MQTT clients, instead of its own listener; repeatable.',
  }),
};

export interface Proving {
  readonly store: AclStore;
  /** All that are in force now. */
  readonly changes: readonly Change[];
  /** Keys of records that commands before this one have written, and that this one brought into force. */
  readonly resumed: readonly string[];
  /** Where their passwords may be. */
  readonly desired: readonly DesiredRecord[];
  readonly back: readonly BouncedSession[];
  readonly signal: AbortSignal;
}

/**
 * Where the clients log in: the first node that can be reached.
 *
 * @param mqtt as on the command line
 * @throws Failure (usage); where no node takes clients, the failure of the first one
 */
export async function proveUrl({ view }: ReadyBrokers, mqtt: readonly string[] = []): Promise<string> {
  const { endpointsOf, parseGivenEndpoints } = await import('../probe/endpoints.js');
  const endpoints = endpointsOf(view, parseGivenEndpoints(mqtt));
  const url = endpoints.find((endpoint) => endpoint.url !== null)?.url;
  if (url) return url;
  throw endpoints[0]?.failure ?? new Failure('unreachable', 'no_node', 'no node takes MQTT clients');
}

/** The records are written: whatever fails from here on is part of what is told. */
export async function prove(
  { fleet, view }: ReadyBrokers,
  url: string,
  { store, back, signal, ...proving }: Proving,
  follow: (events: AsyncGenerator<ProveProgress, ProofOutcome>) => Promise<ProofOutcome>,
): Promise<ProofOutcome> {
  const { connectMqtt } = await import('../probe/mqtt-client.js');
  const context: ProveContext = {
    ...{ fleet, view, store, url, back, signal },
    connect: connectMqtt,
    caFile: fleet.caFile ?? null,
    deadline: fleet.deadline,
    ...recordsToProve(proving),
  };
  return await follow(proveRecords(context));
}

/** What was written, with the password where it is known, and what was removed. */
export function recordsToProve({
  changes,
  resumed,
  desired,
}: Pick<Proving, 'changes' | 'resumed' | 'desired'>): Pick<ProveContext, 'written' | 'removed'> {
  const credentials = new Map(desired.map(({ row }) => [row.key, row.credential]));
  const isThere = new Map(changes.map(({ key, write }) => [key, write !== null]));
  // What this command did not have to change is there if it is desired, and was removed if it is not.
  for (const key of resumed) if (!isThere.has(key)) isThere.set(key, credentials.has(key));
  const written = new Map<string, Secret | undefined>();
  const removed: string[] = [];
  for (const [key, isWritten] of isThere) {
    const credential = credentials.get(key);
    if (isWritten) written.set(key, credential?.kind === 'password' ? credential.password : undefined);
    else removed.push(key);
  }
  return { written, removed };
}

export const narrateProof = ({ tried, total }: ProveProgress): Narration => ({
  progress: { live: `${tried} of ${total} records tried`, steady: 'trying records' },
});
