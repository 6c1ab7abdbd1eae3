import type { AdminReply, Row } from '../../../admin/rpc.js';
import type { Check } from '../check.js';
import { type Finding, judged, ok } from '../finding.js';
import { NotKnown } from '../survey.js';

/** What runs on the nodes, and whether their metadata is in step. */
export const softwareChecks: readonly Check[] = [
  {
    name: 'versions',
    about: 'All members run the same version',
    run: async (survey) =>
      judged(
        await survey.each(async ({ own }) => {
          if (own?.version) return own.version;
          throw new NotKnown('it gives no version');
        }),
        judgeVersions,
      ),
  },
  {
    name: 'metadata-plugin',
    about: 'All members replicate metadata in the same way',
    run: async (survey) =>
      judged(
        await survey.each(async (member) => {
          const reply = await survey.ask(member, { words: ['plugin', 'show'], flags: [['internal', true]] });
          return pluginOf(rowsOf(reply));
        }),
        judgePlugins,
      ),
  },
  {
    name: 'swc-sync',
    about: 'The replicated metadata of every member has been in step with the others once',
    run: async (survey) => {
      if (survey.evidence.view.members.length < 2) return ok('one node: there is nothing to be in step with');
      const answers = await survey.each(async (member) => {
        const partitions = partitionsOf(
          rowsOf(await survey.ask(member, { words: ['node', 'swc_sync_status'] })),
        );
        // One that knows of no other has nobody to be in step with.
        return member.own?.members.size === 1 ? [] : partitions;
      });
      return judged(answers, judgeSync);
    },
  },
];

export const rowsOf = ({ elements }: AdminReply): Row[] =>
  elements.flatMap((element) => (element.type === 'table' ? [...element.rows] : []));

export const judgeVersions = (known: ReadonlyMap<string, string>): Finding =>
  same(
    known,
    (version) => `all run ${version}`,
    'warn',
    'the members run different versions',
    'Finish the upgrade before you join or take out a node: a leave between different versions can fail.',
  );

export const judgePlugins = (known: ReadonlyMap<string, string>): Finding =>
  same(
    known,
    (plugin) => `all use ${plugin}`,
    'critical',
    'the members replicate their metadata in different ways, so it never becomes the same',
    'Set metadata_plugin to the same value in vernemq.conf of all nodes. A node that changes it starts empty.',
  );

const PLUGINS = ['vmq_swc', 'vmq_plumtree'];

/** @throws NotKnown where none of the plugins that there are is among them */
function pluginOf(rows: readonly Row[]): string {
  const found = PLUGINS.find((name) => rows.some(({ Plugin }) => String(Plugin).startsWith(name)));
  if (found === undefined) throw new NotKnown('its metadata plugin is none that is known');
  return found;
}

/** The partitions that are not in step. @throws NotKnown where it tells of none at all */
function partitionsOf(rows: readonly Row[]): readonly string[] {
  const partitions = rows.filter((row) => row['SWC Partition'] !== undefined);
  if (partitions.length === 0) throw new NotKnown('it does not use vmq_swc, or tells nothing of it');
  return partitions.flatMap((row) => (row.InitSynced === true ? [] : [String(row['SWC Partition'])]));
}

export function judgeSync(known: ReadonlyMap<string, readonly string[]>): Finding {
  const behind = [...known].filter(([, partitions]) => partitions.length > 0);
  if (behind.length === 0) return ok('all partitions of all members have been in step');
  const nodes = behind.map(([node]) => node);
  return {
    status: 'warn',
    summary: `${nodes.join(', ')}: metadata has not been brought into step since the start or the join`,
    evidence: behind.map(([node, partitions]) => `${node}: ${partitions.join(', ')}`),
    cause: 'it has just started or joined, or it cannot reach the others over Erlang distribution',
    cure: 'Look again in a minute. If it lasts, see the erlang-ports check, then restart that node.',
    nodes,
  };
}

function same(
  known: ReadonlyMap<string, string>,
  fine: (value: string) => string,
  status: 'warn' | 'critical',
  summary: string,
  cure: string,
): Finding {
  const [first] = known.values();
  if (first === undefined || [...known.values()].every((value) => value === first))
    return ok(fine(first ?? ''));
  const evidence = [...known].map(([node, value]) => `${node}: ${value}`);
  return {
    status,
    summary,
    evidence,
    cause: 'an upgrade or a change that did not reach all nodes',
    cure,
    nodes: [...known.keys()],
  };
}
