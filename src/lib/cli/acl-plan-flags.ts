import * as Flags from '@oclif/core/flags';

/** How desired records become a plan. */
export const planFlags = {
  prune: Flags.boolean({
    summary: 'Remove the records that are not desired, in the mountpoints that desired ones are in.',
  }),
  cost: Flags.integer({
    min: 4,
    max: 31,
    helpValue: 'N',
    summary: 'The bcrypt cost of new passwords, 12 by default. Each step doubles the work.',
  }),
  'hash-once': Flags.boolean({
    summary: 'Hash each distinct password once; equal ones then show as such in Redis.',
  }),
  'topic-max-depth': Flags.integer({
    min: 1,
    helpValue: 'N',
    summary: 'topic_max_depth of the brokers, where it is not 10.',
  }),
};

export interface PlanFlags {
  readonly prune: boolean;
  readonly cost?: number | undefined;
  readonly 'hash-once': boolean;
  readonly 'topic-max-depth'?: number | undefined;
}
