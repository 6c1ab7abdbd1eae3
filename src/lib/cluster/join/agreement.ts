import { Failure } from '../../failure.js';
import { type Fleet, observe } from '../observe.js';
import { findProblems } from '../problems/find.js';
import type { ClusterView, Member } from '../view.js';
import { clusterAround } from './around.js';
import type { JoinEvent } from './events.js';
import type { JoinOptions } from './options.js';

const POLL = 500;

/** Until each member's own view lists each member as running. @returns the members */
export async function* waitForAgreement(
  fleet: Fleet,
  node: string,
  options: JoinOptions,
  signal?: AbortSignal,
): AsyncGenerator<JoinEvent, string[]> {
  const { discoveryNode, wait, allowDeadMember } = options;
  const started = fleet.clock.now();
  for (;;) {
    const observations = await observe(fleet, signal).catch(explainInterruption);
    const view = clusterAround(observations, [node, discoveryNode]);
    const missing = disagreements(view, [node, discoveryNode], allowDeadMember);
    if (missing.length === 0) return view.members.filter((member) => !isDead(member)).map(({ name }) => name);
    const elapsed = fleet.clock.now() - started;
    yield { type: 'waiting', elapsed, missing };
    if (signal?.aborted) throw interrupted();
    if (elapsed > wait) throw notAgreed(node, discoveryNode, view, missing);
    await fleet.clock.sleep(POLL, signal);
  }
}

const isDead = ({ running, own }: Member) => running === 'no' && own === null;

/** Who does not see whom yet, in words. Empty once everybody sees everybody, these ones included. */
function disagreements(view: ClusterView, wanted: readonly string[], allowDeadMember: boolean): string[] {
  const absent = wanted.filter((name) => !view.members.some((member) => member.name === name));
  const asked = view.members.filter((member) => !(allowDeadMember && isDead(member)));
  return [
    ...absent.map((name) => `nobody lists ${name}`),
    ...asked.flatMap(({ name, seenBy, own }) => [
      ...(own === null ? [`no view from ${name}`] : []),
      ...Object.entries(seenBy).flatMap(([observer, seen]) =>
        seen === true ? [] : [`${observer} does not see ${name}`],
      ),
    ]),
  ];
}

export const interrupted = () =>
  new Failure('interrupted', 'interrupted', 'stopped watching; the join, once sent, goes on', {
    hint: 'Run the same command again: it goes on watching, and sends no second join.',
  });

export function explainInterruption(thrown: unknown): never {
  throw thrown instanceof Failure && thrown.kind === 'interrupted' ? interrupted() : thrown;
}

function notAgreed(
  node: string,
  discoveryNode: string,
  view: ClusterView,
  missing: readonly string[],
): Failure {
  const [problem] = findProblems(view);
  const look = 'Run the same command again: it goes on watching, and sends no second join.';
  return new Failure(
    'unknown',
    'not_agreed',
    `${node} was told to join ${discoveryNode}, but ${missing.slice(0, 3).join('; ')}`,
    { hint: problem ? `${problem.message}. ${problem.hint} ${look}` : look, details: { missing } },
  );
}
