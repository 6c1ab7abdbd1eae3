import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Standing } from '../../lib/acl/plan/apply.js';
import type { AclStore } from '../../lib/acl/store.js';
import type { PreparedPlan } from '../../lib/cli/acl-apply-input.js';
import type { ReadyBrokers } from '../../lib/cli/acl-bounce.js';
import { bounceFlags } from '../../lib/cli/acl-bounce-flags.js';
import { planFlags } from '../../lib/cli/acl-plan-flags.js';
import { narrateProof, proveFlags } from '../../lib/cli/acl-prove.js';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { redisFlags } from '../../lib/cli/flags.js';
import { systemClock } from '../../lib/clock.js';
import type { Unfinished } from '../../lib/cluster/bounce/unfinished.js';
import { type RedisFlags, redisSettings } from '../../lib/context/settings.js';

/** How a plan that is written is brought into force. */
interface Forcing {
  readonly brokers: ReadyBrokers;
  /** Undefined where no client is to be disconnected. */
  readonly unfinished: Unfinished | undefined;
  /** Where clients log in; undefined where nothing is to be proven. */
  readonly url: string | undefined;
}

export default class AclApply extends ClusterCommand {
  static override summary = 'Write exactly a plan, or make desired records so; bring them into force.';
  static override description =
    'Takes a plan of acl plan --out, or what acl plan takes: then it plans, shows it and asks. Before the first write all records are looked at: if one is not what the plan saw, nothing is written. Each write is made only where the record still is what the plan saw; one that others change meanwhile is left alone and named. First an undo file is written, a plan too, which brings back exactly what was. What was interrupted goes on with the same command. Of a plan in a file, which was seen, only removals are asked for, else all, and removals on their own; elsewhere than on a terminal what would be asked for needs --yes. --dry-run shows the plan. --disconnect disconnects the clients whose record was changed, wherever they are, and waits until they are back; their subscriptions and messages stay. --prove logs in with the passwords that desired records have, of clients without any session, and subscribes to what they may, or takes the return of a session for a proof; nothing is published. Exit codes: 0 all is as planned, 1 a proof failed, 3 records were left alone or clients could not be disconnected, 4 nothing was written, 65 the plan or the desired records cannot be used, 75 clients are not back yet.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> users.plan',
    '<%= config.bin %> <%= command.id %> users.d --prune --yes --undo before.plan',
    '<%= config.bin %> <%= command.id %> users.plan --disconnect --rate 20 --node http://172.16.16.13:8888',
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
    redis: redisFlags.redis,
    'redis-password-from': redisFlags['redis-password-from'],
    ...planFlags,
    undo: Flags.string({ helpValue: 'FILE', summary: 'A new file for the plan that brings back what was.' }),
    ...bounceFlags,
    ...proveFlags,
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be written, and write nothing.' }),
  };

  private store: AclStore | undefined;

  async run(): Promise<void> {
    const { flags, args } = await this.input(AclApply);
    const { preparePlan, unfinishedOf } = await import('../../lib/cli/acl-apply-input.js');
    const { applyPlan } = await import('../../lib/cli/acl-apply.js');
    const { proveUrl } = await import('../../lib/cli/acl-prove.js');
    const { readyBrokers } = await import('../../lib/cli/acl-bounce.js');
    const { applyKind, applyView } = await import('../../lib/cli/views/acl-apply.js');
    const { stateFolder } = await import('../../lib/state-folder.js');
    const { streams, interrupted: signal } = this;
    const openFleet = () => this.openFleet(flags);
    const wantsBrokers = flags.disconnect || flags.prove;
    const brokers = wantsBrokers ? await readyBrokers(flags, openFleet, signal) : undefined;
    const url = brokers && flags.prove ? await proveUrl(brokers, flags.mqtt) : undefined;
    const openStore = () => this.openStore(flags);
    const prepared = await preparePlan({ path: args[0] ?? '', flags, openStore, streams, signal });
    const { store, plan, unchanged } = prepared;
    const dryRun = flags['dry-run'];
    if (dryRun && this.wantedFormat === 'table') await this.show(prepared);
    const consent = async (standing: Standing) => {
      if (!flags.yes) await this.askFor(prepared, standing);
    };
    const { undo } = flags;
    const folder = await stateFolder(process.env);
    const isBounced = flags.disconnect && !dryRun;
    const unfinished = isBounced ? await unfinishedOf(prepared, folder) : undefined;
    const applying = { store, plan, dryRun, undo, folder, consent, unfinished, streams, signal };
    const applied = await applyPlan(applying);
    const forcing = brokers && !dryRun ? { brokers, unfinished, url } : undefined;
    const { sessions, proof } = await this.bringIntoForce(forcing, prepared, applied.moved);
    const report = { ...applied, redis: plan.redis, dryRun, unchanged, sessions, proof };
    await this.present(applyView(report));
    const kind = applyKind(report);
    if (kind) process.exitCode = EXIT_CODES[kind];
  }

  /** @param moved keys of records that were left alone */
  private async bringIntoForce(
    forcing: Forcing | undefined,
    { store, plan, desired }: PreparedPlan,
    moved: readonly string[],
  ) {
    if (!forcing) return { sessions: null, proof: null };
    const { bounce, narrateBounce } = await import('../../lib/cli/acl-bounce.js');
    const { prove } = await import('../../lib/cli/acl-prove.js');
    const { brokers, unfinished, url } = forcing;
    const signal = this.interrupted;
    const left = new Set(moved);
    const changes = plan.changes.filter(({ key }) => !left.has(key));
    const changed = new Set(changes.map(({ key }) => key));
    const sessions = unfinished
      ? await bounce(brokers, { store, changed, unfinished, signal }, (events) =>
          this.follow(events, narrateBounce),
        )
      : null;
    const resumed = [...(unfinished?.earlier ?? [])].filter((key) => !left.has(key));
    const proving = { store, changes, resumed, desired, back: sessions?.report?.back ?? [], signal };
    const proof =
      url === undefined
        ? null
        : await prove(brokers, url, proving, (events) => this.follow(events, narrateProof));
    return { sessions, proof };
  }

  private async openStore(flags: RedisFlags) {
    const { openRedisStore } = await import('../../lib/acl/redis-store.js');
    const settings = await redisSettings(flags, process.env);
    this.store = await openRedisStore(settings, systemClock);
    return { store: this.store, url: settings.url };
  }

  /** A plan in a file has been seen; what it removes is asked for all the same. */
  private async askFor(prepared: PreparedPlan, { pending }: Standing): Promise<void> {
    const { askConsent } = await import('../../lib/cli/prompts.js');
    const { isSeen, plan } = prepared;
    const removed = pending.filter(({ write }) => write === null).length;
    const others = pending.length - removed;
    if (!isSeen) await this.show(prepared);
    if (!isSeen && others > 0) await askConsent(`Write ${others} records to ${plan.redis}?`, this.canAsk);
    if (removed > 0) await askConsent(`Remove ${removed} records from ${plan.redis}?`, this.canAsk);
  }

  private async show({ plan, unchanged, pruned }: PreparedPlan): Promise<void> {
    const { showPlan } = await import('../../lib/cli/acl-plan-output.js');
    await showPlan({ ...plan, unchanged, pruned, file: null }, this.streams);
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.store?.close();
    await super.finally(error);
  }
}
