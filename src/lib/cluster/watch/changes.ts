import type { Problem } from '../problems/problem.js';
import type { Member } from '../view.js';
import type { WatchState } from './state.js';

type Value = string | number | null;

/** What is different after a look; rates, which always are, apart. */
export type Change =
  | { readonly kind: 'begun'; readonly state: WatchState }
  | { readonly kind: 'node_added' | 'node_gone'; readonly node: string }
  | {
      readonly kind: 'node_changed';
      readonly node: string;
      readonly fields: readonly { readonly name: string; readonly from: Value; readonly to: Value }[];
    }
  | { readonly kind: 'problem' | 'problem_over'; readonly problem: Problem }
  | { readonly kind: 'silent'; readonly message: string; readonly hint: string | undefined }
  | { readonly kind: 'answered_again' };

/** What one look tells that the one before did not. */
export function changesBetween(before: WatchState | undefined, now: WatchState): Change[] {
  if (before === undefined)
    return [{ kind: 'begun', state: now }, ...problemChanges([], now.report.problems)];
  if (now.silence !== undefined) {
    const { message, hint } = now.silence;
    return before.silence === undefined ? [{ kind: 'silent', message, hint }] : [];
  }
  return [
    ...(before.silence === undefined ? [] : [{ kind: 'answered_again' } as const]),
    ...nodeChanges(before, now),
    ...problemChanges(before.report.problems, now.report.problems),
  ];
}

function nodeChanges(before: WatchState, now: WatchState): Change[] {
  const earlier = new Map(before.report.view.members.map((member) => [member.name, member]));
  const later = now.report.view.members;
  const gone = [...earlier.keys()].filter((name) => later.every((member) => member.name !== name));
  return [
    ...later.flatMap((member): Change[] => {
      const known = earlier.get(member.name);
      if (known === undefined) return [{ kind: 'node_added', node: member.name }];
      const fields = fieldChanges(fieldsOf(before, known), fieldsOf(now, member));
      return fields.length === 0 ? [] : [{ kind: 'node_changed', node: member.name, fields }];
    }),
    ...gone.map((node) => ({ kind: 'node_gone', node }) as const),
  ];
}

function fieldsOf({ report }: WatchState, { name, running, own }: Member): Readonly<Record<string, Value>> {
  return {
    running,
    version: own?.version ?? null,
    online: own?.counters?.online ?? null,
    offline: own?.counters?.offline ?? null,
    queued: report.queued.get(name)?.messages ?? null,
  };
}

const fieldChanges = (before: Readonly<Record<string, Value>>, now: Readonly<Record<string, Value>>) =>
  Object.entries(now).flatMap(([name, to]) => {
    const from = before[name] ?? null;
    return from === to ? [] : [{ name, from, to }];
  });

/** A problem whose words alone have changed, as a count in them does, is still the same one. */
function problemChanges(before: readonly Problem[], now: readonly Problem[]): Change[] {
  const key = ({ code, nodes }: Problem) => JSON.stringify([code, nodes]);
  const missingIn = (list: readonly Problem[]) => {
    const keys = new Set(list.map(key));
    return (problem: Problem) => !keys.has(key(problem));
  };
  return [
    ...now.filter(missingIn(before)).map((problem) => ({ kind: 'problem', problem }) as const),
    ...before.filter(missingIn(now)).map((problem) => ({ kind: 'problem_over', problem }) as const),
  ];
}
