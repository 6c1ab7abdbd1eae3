import type { AclStore } from '../store.js';
import type { Finding } from './finding.js';

const RENAMED = { renamed: 'repaired', taken: 'taken', gone: 'changed-meanwhile' } as const;

/** What became of the repair of a finding. */
export type RepairOutcome = 'repaired' | 'would-repair' | 'taken' | 'changed-meanwhile';

/**
 * Repairs what a finding is about, if it can be done safely. Nothing that is there is overwritten.
 *
 * @returns undefined for a finding that only a person can repair
 * @throws Failure: those of the store
 */
export async function repair(
  store: AclStore,
  { key, repair: how }: Finding,
  dryRun: boolean,
): Promise<RepairOutcome | undefined> {
  if (!how) return undefined;
  if (how.kind === 'rename') {
    if (dryRun) return (await store.exists(how.to)) ? 'taken' : 'would-repair';
    return RENAMED[await store.rename(key, how.to)];
  }
  if (dryRun) return 'would-repair';
  const decision = await store.update(key, (current) => {
    const isSame = current?.split(how.from).length === 2;
    return { write: isSame ? current?.replace(how.from, () => how.to) : undefined };
  });
  return decision.write === undefined ? 'changed-meanwhile' : 'repaired';
}

export interface RepairedFinding extends Finding {
  readonly outcome: RepairOutcome | undefined;
}

/** Repairs what can be repaired of some findings. A key is renamed last: until then its other findings hold. */
export async function repairAll(
  store: AclStore,
  findings: readonly Finding[],
  dryRun: boolean,
): Promise<RepairedFinding[]> {
  const outcomes = new Map<Finding, RepairOutcome | undefined>();
  const isRename = (finding: Finding) => (finding.repair?.kind === 'rename' ? 1 : 0);
  for (const finding of [...findings].sort((one, other) => isRename(one) - isRename(other)))
    outcomes.set(finding, await repair(store, finding, dryRun));
  return findings.map((finding) => ({ ...finding, outcome: outcomes.get(finding) }));
}
