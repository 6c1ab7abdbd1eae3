import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Standing } from '../../lib/acl/plan/apply.js';
import type { Plan } from '../../lib/acl/plan/plan-file.js';
import { AclCommand } from '../../lib/cli/acl-command.js';
import { type PlanFlags, planFlags } from '../../lib/cli/acl-plan-flags.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import type { ShownPlan } from '../../lib/cli/views/acl-plan.js';
import type { RedisFlags } from '../../lib/context/settings.js';
import { Failure } from '../../lib/failure.js';

/** A plan, and how it came about. */
interface Prepared {
  readonly plan: Plan;
  /** It was read from a file, so it has been seen. */
  readonly isSeen: boolean;
  readonly unchanged: number | null;
  readonly pruned: readonly string[] | null;
}

export default class AclApply extends AclCommand {
  static override summary = 'Write exactly a plan, or make desired records so.';
  static override description =
    'Takes a plan of acl plan --out, or what acl plan takes: then it plans, shows it and asks. Before the first write all records are looked at: if one is not what the plan saw, nothing is written. Each write is made only where the record still is what the plan saw; one that others change meanwhile is left alone and named. First an undo file is written, a plan too, which brings back exactly what was. What was interrupted goes on with the same command. Removals are asked for on their own; elsewhere than on a terminal all needs --yes. Exit codes: 0 all is as planned, 3 records were left alone, 4 nothing was written, 65 the plan or the desired records cannot be used.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> users.plan',
    '<%= config.bin %> <%= command.id %> users.d --prune --yes --undo before.plan',
    '<%= config.bin %> <%= command.id %> users.plan --dry-run',
  ];
  static override args = {
    path: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'A plan, or desired records: a file, or a folder of files.',
    }),
  };
  static override words = {};
  static override flags = {
    ...planFlags,
    undo: Flags.string({ helpValue: 'FILE', summary: 'A new file for the plan that brings back what was.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Say what would be written, and write nothing.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(AclApply);
    const { applyPlan } = await import('../../lib/cli/acl-apply.js');
    const { applyView } = await import('../../lib/cli/views/acl-apply.js');
    const { stateFolder } = await import('../../lib/state-folder.js');
    const { store, prepared } = await this.prepare(args[0] ?? '', flags);
    const { plan, unchanged } = prepared;
    const applied = await applyPlan({
      store,
      plan,
      dryRun: flags['dry-run'],
      undo: flags.undo,
      stateFolder: await stateFolder(process.env),
      consent: async (standing) => {
        if (!flags.yes) await this.askFor(prepared, standing);
      },
      streams: this.streams,
      signal: this.interrupted,
    });
    await this.present(applyView({ ...applied, redis: plan.redis, dryRun: flags['dry-run'], unchanged }));
    if (applied.moved.length > 0) process.exitCode = EXIT_CODES.partial;
  }

  private async prepare(path: string, flags: ApplyFlags) {
    const { isPlanFile } = await import('../../lib/acl/plan/plan-file.js');
    return (await isPlanFile(path)) ? await this.readPlan(path, flags) : await this.makePlan(path, flags);
  }

  private async readPlan(path: string, flags: ApplyFlags) {
    const { assertSameRedis, readPlan } = await import('../../lib/acl/plan/plan-file.js');
    const useless = USELESS.filter((name) => flags[name] !== undefined && flags[name] !== false);
    if (useless.length > 0)
      throw new Failure(
        'usage',
        'useless_flag',
        `${useless.map((name) => `--${name}`).join(', ')}: of no use, as ${path} is a plan`,
      );
    const plan = await readPlan(path);
    const { store, url } = await this.openNamedStore(flags);
    assertSameRedis(plan.redis, url);
    return { store, prepared: { plan, isSeen: true, unchanged: null, pruned: null } };
  }

  private async makePlan(path: string, flags: ApplyFlags) {
    const { planFiles } = await import('../../lib/cli/acl-plan.js');
    const opening = { redis: '' };
    const openStore = async () => {
      const { store, url } = await this.openNamedStore(flags);
      opening.redis = url;
      return store;
    };
    const { streams, interrupted: signal } = this;
    const isForUse = !flags['dry-run'];
    const planned = await planFiles({ path, flags, openStore, isForUse, streams, signal });
    const { changes, unchanged, mountpoints, store } = planned;
    const plan = { redis: opening.redis, changes };
    return { store, prepared: { plan, isSeen: false, unchanged, pruned: flags.prune ? mountpoints : null } };
  }

  /** A plan in a file has been seen; what it removes is asked for all the same. */
  private async askFor({ plan, isSeen, unchanged, pruned }: Prepared, { pending }: Standing): Promise<void> {
    const { askConsent } = await import('../../lib/cli/prompts.js');
    const removed = pending.filter(({ write }) => write === null).length;
    const others = pending.length - removed;
    if (!isSeen) await this.show({ redis: plan.redis, changes: pending, unchanged, pruned, file: null });
    if (!isSeen && others > 0) await askConsent(`Write ${others} records to ${plan.redis}?`, this.canAsk);
    if (removed > 0) await askConsent(`Remove ${removed} records from ${plan.redis}?`, this.canAsk);
  }

  /** What is asked about stands on stderr, as the question does. */
  private async show(plan: ShownPlan): Promise<void> {
    const { planView } = await import('../../lib/cli/views/acl-plan.js');
    const { render } = await import('../../lib/cli/render.js');
    const { say } = await import('../../lib/cli/streams.js');
    await say(this.streams.err, await render(planView(plan), 'table', this.streams.colourErr));
  }
}

/** What says how a plan is made. */
const USELESS = ['prune', 'cost', 'hash-once', 'topic-max-depth'] as const;

interface ApplyFlags extends RedisFlags, PlanFlags {
  readonly 'dry-run': boolean;
}
