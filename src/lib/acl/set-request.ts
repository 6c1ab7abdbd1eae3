import { Failure } from '../failure.js';
import { assertNamed, type RecordChange } from './change.js';
import { type GivenPasshash, type PasswordFlags, readPasshash } from './credentials.js';
import { assertUsableName, type RecordName, recordKey } from './key.js';
import { DEFAULT_TOPIC_MAX_DEPTH } from './pattern.js';
import type { SetRequest } from './set.js';
import { type ListFlags, listChange } from './set-flags.js';
import type { AclStore } from './store.js';

/** The flags of `acl set`, apart from name and Redis. */
export interface SetFlags extends ListFlags, PasswordFlags {
  readonly replace: boolean;
  readonly 'dry-run': boolean;
  readonly 'topic-max-depth'?: number | undefined;
}

export interface SetInput {
  readonly request: SetRequest;
  /** What the operator should know about how it was understood. */
  readonly remarks: readonly string[];
}

/**
 * Makes a request of the command line, complete but for a password that can still be asked for.
 *
 * @param canAsk whether somebody sits at a terminal
 * @throws Failure: usage, configuration (a secret that cannot be had), data (a password that cannot be used)
 */
export async function readSetRequest(
  name: RecordName,
  flags: SetFlags,
  environment: NodeJS.ProcessEnv,
  canAsk: boolean,
): Promise<SetInput> {
  assertUsableName(name);
  assertCostIsOfUse(flags, canAsk);
  const maxDepth = flags['topic-max-depth'] ?? DEFAULT_TOPIC_MAX_DEPTH;
  const publish = listChange(flags, 'publish', maxDepth);
  const subscribe = listChange(flags, 'subscribe', maxDepth);
  const given = await readPasshash(flags, environment);
  const change: RecordChange = { passhash: given?.passhash, publish, subscribe };
  assertNamed(change, flags.replace, canAsk);
  const request = { name, change, replace: flags.replace, dryRun: flags['dry-run'], maxDepth };
  return { request, remarks: given?.remarks ?? [] };
}

/** Whether the request writes a new record and has no password for it. */
export async function needsPassword(
  store: AclStore,
  { name, change, replace }: SetRequest,
): Promise<boolean> {
  if (change.passhash !== undefined) return false;
  return replace || !(await store.exists(recordKey(name)));
}

export function withPasshash({ request, remarks }: SetInput, given: GivenPasshash): SetInput {
  const change = { ...request.change, passhash: given.passhash };
  return { request: { ...request, change }, remarks: [...remarks, ...given.remarks] };
}

function assertCostIsOfUse(flags: SetFlags, canAsk: boolean): void {
  if (flags.cost === undefined || flags['password-from'] !== undefined || canAsk) return;
  throw new Failure(
    'usage',
    'cost_without_password',
    '--cost is of use only where a password is hashed: --password-from',
  );
}
