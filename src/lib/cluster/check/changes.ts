import type { CheckReport } from './run.js';

/** What is otherwise than at the last look. */
export interface Change {
  readonly kind: 'check' | 'cause';
  readonly name: string;
  /** Undefined for what was not there before. */
  readonly before: string | undefined;
  /** `gone` for a cause that is no more. */
  readonly now: string;
  readonly text: string;
}

/** What has changed since the last report; of the first one, all that is not ok. Numbers that move are no change. */
export function changesSince(last: CheckReport | undefined, { checks, causes }: CheckReport): Change[] {
  const old = new Map(last?.checks.map(({ name, status }) => [name, status]));
  const changed = checks.filter(({ name, status }) => status !== (old.get(name) ?? 'ok'));
  const key = (cause: CheckReport['causes'][number]) => `${cause.code} ${cause.nodes[0] ?? ''}`;
  const [then, now] = [last?.causes ?? [], causes].map((list) => new Map(list.map((one) => [key(one), one])));
  const isNew = causes.filter((cause) => !then?.has(key(cause)));
  const gone = (last?.causes ?? []).filter((cause) => !now?.has(key(cause)));
  return [
    ...changed.map(
      ({ name, status, summary }): Change => ({
        kind: 'check',
        name,
        before: old.get(name),
        now: status,
        text: summary,
      }),
    ),
    ...isNew.map(
      ({ code, certainty, message }): Change => ({
        kind: 'cause',
        name: code,
        before: undefined,
        now: certainty,
        text: message,
      }),
    ),
    ...gone.map(
      ({ code, certainty, message }): Change => ({
        kind: 'cause',
        name: code,
        before: certainty,
        now: 'gone',
        text: message,
      }),
    ),
  ];
}
