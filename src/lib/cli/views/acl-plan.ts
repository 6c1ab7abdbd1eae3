import type { Change, ChangeKind } from '../../acl/plan/change.js';
import { type ChangeDescription, describeChange } from '../../acl/plan/describe.js';
import type { EntryDifference } from '../../acl/plan/differences.js';
import { type Cell, cell, type Note, note, type Table, type Tone, type View } from '../view.js';

/** A plan that is shown. */
export interface ShownPlan {
  /** The URL of the Redis, without a password. */
  readonly redis: string;
  readonly changes: readonly Change[];
  /** Desired records that are as they should be; null where the plan was read from a file. */
  readonly unchanged: number | null;
  /** Where records are removed that are not desired; null without --prune. */
  readonly pruned: readonly string[] | null;
  /** Where the plan was written. */
  readonly file: string | null;
}

/** The document `vmqctl.acl-plan/1`, and what differs as a table. Of passhashes it is told whether they differ. */
export function planView(plan: ShownPlan): View {
  const described = plan.changes.map(describeChange);
  const { redis, unchanged, pruned, file } = plan;
  return {
    document: {
      schema: 'vmqctl.acl-plan/1',
      redis,
      totals: { ...totalsOf(described), unchanged },
      prunedMountpoints: pruned,
      file,
      changes: described.map(changeMembers),
    },
    table: planTable(described),
    below: [...pruneNotes(plan), note(planSummary(plan.changes, unchanged)), ...fileNotes(file)],
  };
}

export function totalsOf(changes: readonly { readonly kind: ChangeKind }[]): Record<ChangeKind, number> {
  const count = (kind: ChangeKind) => changes.filter((change) => change.kind === kind).length;
  return { added: count('added'), changed: count('changed'), removed: count('removed') };
}

function planSummary(changes: readonly Change[], unchanged: number | null): string {
  const { added, changed, removed } = totalsOf(changes.map(describeChange));
  const parts = [`${added} to add`, `${changed} to change`, `${removed} to remove`];
  return [...parts, ...(unchanged === null ? [] : [`${unchanged} unchanged`])].join(', ');
}

function changeMembers({ kind, key, name, ...rest }: ChangeDescription) {
  return { change: kind, key, ...name, ...rest };
}

const TONES: Readonly<Record<ChangeKind, Tone>> = { added: 'good', changed: 'warning', removed: 'bad' };

function planTable(described: readonly ChangeDescription[]): Table {
  if (described.length === 0) return { columns: [], rows: [] };
  return {
    columns: ['Change', 'Record', 'Field', 'What'],
    rows: described.flatMap((change) =>
      fieldsOf(change).map(([field, what]): (string | Cell)[] => [
        cell(change.kind, TONES[change.kind]),
        change.key,
        field,
        what,
      ]),
    ),
  };
}

type Field = readonly [field: string, what: string];

function fieldsOf(change: ChangeDescription): readonly Field[] {
  const { kind, passhash, publish, subscribe, kept, dropped, gained, broken } = change;
  if (kind === 'removed') return [['record', 'removed']];
  const named = (members: readonly string[], what: string): Field[] =>
    members.map((member) => [JSON.stringify(member), what]);
  const fields: Field[] = [
    ...(broken === null ? [] : [['record', `what is there is broken, and goes: ${broken}`] as const]),
    ...(passhash === 'same' || passhash === 'none' ? [] : [['passhash', passhash] as const]),
    ...publish.map((difference) => entryField('publish_acl', difference)),
    ...subscribe.map((difference) => entryField('subscribe_acl', difference)),
    ...named(kept, 'kept: no desired record names it'),
    ...named(dropped, 'removed'),
    ...named(gained, 'added'),
  ];
  // The spelling alone, or what no broker reads.
  return fields.length > 0 ? fields : [['record', 'written anew, with the same meaning']];
}

function entryField(list: string, difference: EntryDifference): Field {
  switch (difference.how) {
    case 'added':
      return [`${list}[${difference.at}]`, `+ ${json(difference.to)}`];
    case 'removed':
      return [list, `- ${json(difference.from)}`];
    case 'changed':
      return [`${list}[${difference.at}]`, `${difference.pattern}: ${fieldTexts(difference.fields)}`];
    case 'reordered':
      return [list, 'in another order: the first entry that matches decides'];
  }
}

const fieldTexts = (fields: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>) =>
  Object.entries(fields)
    .map(([name, { from, to }]) => `${name} ${json(from)} -> ${json(to)}`)
    .join(', ');

const json = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

function pruneNotes({ pruned }: ShownPlan): Note[] {
  if (pruned === null) return [];
  const names = pruned.map((name) => (name === '' ? 'the default mountpoint' : JSON.stringify(name)));
  return [note(`records that are not desired are removed in ${names.join(', ')}, and nowhere else`, 'dim')];
}

const fileNotes = (file: string | null): Note[] =>
  file === null
    ? []
    : [
        note(
          `${file} has passhashes in it, of mode 0600; to write exactly this: vmqctl acl apply ${file}`,
          'dim',
        ),
      ];
