import { parseSeconds } from '../cluster/leave/options.js';
import type { StagedWish } from '../cluster/staged/plan.js';
import { parsePause } from '../duration.js';
import { Failure } from '../failure.js';

/** Flags of `cluster leave` that a staged leave looks at. */
export interface StagedFlags {
  readonly staged: boolean;
  readonly resume: boolean;
  readonly abort: boolean;
  readonly 'dry-run': boolean;
  readonly 'allow-message-loss': boolean;
  readonly 'allow-unreachable-node': boolean;
  readonly grace?: string | undefined;
  readonly 'until-sessions'?: number | undefined;
  readonly 'disconnect-rate'?: string | undefined;
  readonly 'survivor-sessions'?: number | undefined;
  readonly 'allow-suspended-member': boolean;
  readonly 'bcrypt-pool'?: number | undefined;
  readonly 'bcrypt-cost'?: number | undefined;
  readonly 'summary-interval'?: string | undefined;
  readonly timeout?: string | undefined;
}

const STAGED_ONLY = [
  'grace',
  'until-sessions',
  'disconnect-rate',
  'survivor-sessions',
  'allow-suspended-member',
  'bcrypt-pool',
  'bcrypt-cost',
] as const;

/**
 * Whether a staged leave is wanted. What would be silently ignored is refused: whoever gives a pace and forgets --staged
 * would kick all clients at once.
 *
 * @throws Failure (usage)
 */
export function checkStagedFlags(flags: StagedFlags): boolean {
  const isStaged = flags.staged || flags.resume || flags.abort;
  const forgotten = STAGED_ONLY.filter((name) => flags[name] !== undefined && flags[name] !== false).map(
    (name) => `--${name}`,
  );
  if (!isStaged && forgotten.length > 0)
    throw usage('staged_only', `${forgotten.join(', ')} is for a staged leave only`, 'Add --staged.');
  if (!isStaged) return false;
  if (flags['allow-message-loss'])
    throw usage(
      'loss_of_staged',
      '--allow-message-loss is not for a staged leave: it removes a dead node, on which nothing can be staged',
      'Leave --staged out.',
    );
  if (flags['dry-run'] && (flags.resume || flags.abort))
    throw usage(
      'dry_run_of_begun',
      '--dry-run plans a new leave, and this one has begun',
      'See where it stands with vmqctl cluster operations.',
    );
  if (flags['survivor-sessions'] !== undefined && flags['disconnect-rate'] === undefined && !flags.resume)
    throw usage(
      'threshold_without_rate',
      '--survivor-sessions paces --disconnect-rate: without that, all sessions are kicked at once',
      'Give --disconnect-rate too, such as 200/s.',
    );
  return true;
}

/** @throws Failure (usage) */
export function stagedWish(flags: StagedFlags, node: string): StagedWish {
  const rate = flags['disconnect-rate'];
  const options = {
    grace: flags.grace === undefined ? undefined : parsePause(flags.grace, '--grace'),
    untilSessions: flags['until-sessions'],
    rate: rate === undefined ? undefined : parseRate(rate, '--disconnect-rate'),
    survivorSessions: flags['survivor-sessions'],
    besideSuspended: flags['allow-suspended-member'] || undefined,
    interval: parseSeconds(flags['summary-interval'], '-i'),
    timeout: parseSeconds(flags.timeout, '-t'),
  };
  return {
    node,
    allowUnreachableNode: flags['allow-unreachable-node'],
    bcryptPool: flags['bcrypt-pool'] ?? 1,
    bcryptCost: flags['bcrypt-cost'] ?? 12,
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
}

/**
 * Reads a rate such as `200/s`; a bare number is per second.
 *
 * @throws Failure (usage)
 */
export function parseRate(text: string, flag: string): number {
  const [, count = '', unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/(s|m))?$/.exec(text.trim()) ?? [];
  const rate = Number(count || Number.NaN) / (unit === 'm' ? 60 : 1);
  // Less than one in ten minutes is a slip.
  if (rate >= 1 / 600 && rate <= 100_000) return rate;
  throw usage('bad_rate', `${flag} is no rate: ${text}`, 'Give a number per second, such as 200/s, or 30/m.');
}

const usage = (code: string, message: string, hint: string) => new Failure('usage', code, message, { hint });
