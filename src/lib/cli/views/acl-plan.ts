import { type Change, type ChangeKind, countKinds } from '../../acl/plan/change.js';
import { type ChangeDescription, describeChange } from '../../acl/plan/describe.js';
import type { EntryDifference } from '../../acl/plan/differences.js';
import { shellQuoted } from '../../admin/ssh/quote.js';
import type { RecordShape } from '../record-shape.js';
import { cell, type Tone } from '../view.js';

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

/** One difference of a change; a document has the whole change. */
export interface PlanItem {
  readonly change: ChangeDescription;
  readonly field: Field;
}

/** Of passhashes it is told whether they differ, and no more. */
export const planShape: RecordShape<PlanItem> = {
  columns: ['Change', 'Record', 'Field', 'What'],
  row: ({ change: { kind, key }, field }) => [cell(kind, TONES[kind]), key, ...field],
  csvColumns: ['change', 'key', 'field', 'what'],
  csvRow: ({ change: { kind, key }, field }) => [kind, key, ...field],
  schema: 'vmqctl.acl-plan/1',
  member: 'changes',
  entry: ({ change: { kind, key, name, ...rest } }) => ({ change: kind, key, ...name, ...rest }),
};

const TONES: Readonly<Record<ChangeKind, Tone>> = { added: 'good', changed: 'warning', removed: 'bad' };

/** @param isDocument whether a change is one item, or as many as it has differences */
export function planItems(changes: readonly Change[], isDocument: boolean): PlanItem[] {
  return changes.map(describeChange).flatMap((change) => {
    const fields = fieldsOf(change);
    return (isDocument ? fields.slice(0, 1) : fields).map((field) => ({ change, field }));
  });
}

/** The members of the document besides the changes. */
export const planMembers = ({ redis, changes, unchanged, pruned, file }: ShownPlan) => ({
  redis,
  totals: { ...countKinds(changes), unchanged },
  prunedMountpoints: pruned,
  file,
});

/** The lines under the table. */
export function planNotes(plan: ShownPlan): string[] {
  const { added, changed, removed } = countKinds(plan.changes);
  const parts = [`${added} to add`, `${changed} to change`, `${removed} to remove`];
  if (plan.unchanged !== null) parts.push(`${plan.unchanged} unchanged`);
  return [...pruneNotes(plan), parts.join(', '), ...fileNotes(plan.file)];
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

function pruneNotes({ pruned }: ShownPlan): string[] {
  if (pruned === null) return [];
  const names = pruned.map((name) => (name === '' ? 'the default mountpoint' : JSON.stringify(name)));
  return [`records that are not desired are removed in ${names.join(', ')}, and nowhere else`];
}

const fileNotes = (file: string | null): string[] =>
  file === null
    ? []
    : [
        `${file} has passhashes in it, of mode 0600; to write exactly this: vmqctl acl apply ${shellQuoted(file)}`,
      ];
