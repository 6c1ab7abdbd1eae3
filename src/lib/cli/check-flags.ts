import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import type { Thresholds } from '../cluster/check/options.js';
import { parseDuration, parsePause } from '../duration.js';
import { Failure } from '../failure.js';

const several = { helpValue: 'CHECK', multiple: true, multipleNonGreedy: true, delimiter: ',' } as const;

/** What `cluster check` looks at, and from where on it warns. */
export const checkFlags = {
  only: Flags.string({ ...several, summary: 'Run these checks alone; repeatable.' }),
  skip: Flags.string({ ...several, summary: 'Leave these checks out; repeatable.' }),
  watch: Flags.boolean({ summary: 'Look again and again, and tell what has changed, until Ctrl-C.' }),
  every: Flags.string({
    helpValue: 'DURATION',
    dependsOn: ['watch'],
    summary: 'The pause between two looks (default: 10s).',
  }),
  settle: Flags.string({
    helpValue: 'DURATION',
    default: '20s',
    summary: 'Look again for so long at what a start or a join shows too; 0s: judge the first look.',
  }),
  sample: Flags.string({
    helpValue: 'DURATION',
    default: '2s',
    summary: 'Between two readings of the counters that should not grow.',
  }),
  'max-takeovers': Flags.string({
    helpValue: 'N/s',
    default: '1/s',
    summary: 'Sessions that other connections of the same client take over, on one node.',
  }),
  'max-queue-growth': Flags.string({
    helpValue: 'N/s',
    default: '1000/s',
    summary: 'Messages that all queues together gain.',
  }),
  'max-dropped-bytes': Flags.integer({
    helpValue: 'N',
    min: 0,
    default: 0,
    summary: 'Bytes between nodes that a node may have dropped since its start.',
  }),
  'min-validity': Flags.string({
    helpValue: 'DURATION',
    default: '14d',
    summary: 'How long certificates and API keys must last.',
  }),
  'max-login-storm': Flags.string({
    helpValue: 'DURATION',
    default: '2m',
    summary: 'How long the clients of the largest node may take to log in elsewhere.',
  }),
  'bcrypt-pool': Flags.integer({
    helpValue: 'N',
    min: 1,
    default: 1,
    summary: "The brokers' vmq_bcrypt.pool_size.",
  }),
  'bcrypt-cost': Flags.integer({
    helpValue: 'N',
    min: 4,
    max: 31,
    default: 12,
    summary: 'The cost of the stored hashes.',
  }),
};

/** @throws Failure (usage) */
export const thresholdsOf = (flags: InferredFlags<typeof checkFlags>): Thresholds => ({
  settle: parsePause(flags.settle, '--settle'),
  sample: parseDuration(flags.sample, '--sample'),
  takeovers: parseRate(flags['max-takeovers'], '--max-takeovers'),
  queueGrowth: parseRate(flags['max-queue-growth'], '--max-queue-growth'),
  droppedBytes: flags['max-dropped-bytes'],
  validity: parseDays(flags['min-validity'], '--min-validity'),
  loginStorm: parseDuration(flags['max-login-storm'], '--max-login-storm'),
  bcryptPool: flags['bcrypt-pool'],
  bcryptCost: flags['bcrypt-cost'],
});

function parseRate(text: string, flag: string): number {
  const [, count] = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text.trim()) ?? [];
  if (count !== undefined) return Number(count);
  throw new Failure('usage', 'bad_rate', `${flag} is no rate: ${text}`, { hint: 'Such as 100/s.' });
}

/** Days too, which other durations have no use for. */
function parseDays(text: string, flag: string): number {
  const [, days] = /^(\d+(?:\.\d+)?)d$/.exec(text.trim()) ?? [];
  return days === undefined ? parseDuration(text, flag) : Number(days) * 86_400_000;
}
