import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import type { Problem } from '../problems/problem.js';
import type { Reason, RollState } from './state.js';
import { currentNode } from './state.js';

/** How a command ended. */
export interface CommandEnd {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** The signal. */
  readonly why: string | undefined;
}

const SAME_COMMAND = 'The same command with --resume';

export const reasonOf = ({ kind, code, message, hint }: Failure): Reason => ({
  kind,
  code,
  message,
  hint: hint ?? '',
});

/** @param kind `safety` where nothing has been changed yet */
export const inTrouble = (problems: readonly Problem[], kind: Reason['kind']): Reason => ({
  kind: problems.some(({ code }) => code === 'no_view') ? 'unknown' : kind,
  code: 'cluster_in_trouble',
  message: `the cluster is not healthy: ${problems.map(({ message }) => message).join('; ')}`,
  hint: problems[0]?.hint ?? '',
});

/** @param waiting what there was to wait for when somebody looked last */
export function interrupted(why: 'operator' | 'timeout', waiting: readonly string[]): Reason {
  const seen = waiting.length > 0 ? ` (last seen: ${waiting.join('; ')})` : '';
  return why === 'operator'
    ? { kind: 'interrupted', code: 'interrupted', message: `interrupted${seen}`, hint: '' }
    : { kind: 'unknown', code: 'timeout', message: `the time that --timeout gives is up${seen}`, hint: '' };
}

export const servesAgain = (node: string): Reason => ({
  kind: 'failed',
  code: 'listeners_serve_again',
  message: `${node} takes clients again, though its command has not been run: somebody has restarted it, or its listeners`,
  hint: 'Find out who.',
});

export const commandFailed = (node: string, { exitCode, why }: CommandEnd): Reason => ({
  kind: 'failed',
  code: 'command_failed',
  message: `the command for ${node} ${exitCode === null ? `did not end by itself: ${why}` : `failed with exit code ${exitCode}`}`,
  hint: '',
});

export const notBack = (node: string, waited: number, missing: readonly string[]): Reason => ({
  kind: 'failed',
  code: 'node_not_back',
  message: `${node} is not back ${formatDuration(waited)} after its command has ended: ${missing.join('; ')}`,
  hint: `See console.log on ${node}.`,
});

export const notServing = (node: string, waited: number, unserved: readonly string[]): Reason => ({
  kind: 'failed',
  code: 'listeners_missing',
  message: `${node} is back, but not as it was ${formatDuration(waited)} after its command has ended: ${unserved.join('; ')}`,
  hint: `See its configuration and console.log on ${node}. If it is meant so, add --allow-missing-listener.`,
});

export const notRecovered = (node: string, waited: number, missing: readonly string[]): Reason => ({
  kind: 'failed',
  code: 'not_recovered',
  message: `${node} is back, but after ${formatDuration(waited)} not all is as it was: ${missing.join('; ')}`,
  hint: 'See where the clients are: vmqctl session show --client_id --node; --sessions-back and --max-queue-growth say what is enough.',
});

/** What is true of a phase that a roll stops in, and what to do. */
const WHERE_IT_STANDS: Readonly<Record<RollState['phase'], (node: string) => string>> = {
  gate: (node) => `Nothing is suspended on ${node}.`,
  suspend: (node) => `The listeners of ${node} may be suspended.`,
  drain: (node) => `The listeners of ${node} are suspended.`,
  undo: (node) => `The listeners of ${node} could not be told to accept again.`,
  run: (node) =>
    `See what the command has done to ${node}: its listeners are suspended until it, or they, are restarted.`,
  back: (node) => `The command for ${node} has been run; whether the node is well was not waited for.`,
  serve: (node) => `The command for ${node} has been run, and its listeners are still suspended.`,
  recover: (node) => `The command for ${node} has been run, and the node is there.`,
  done: () => '',
};

const GOES_ON: Readonly<Record<RollState['phase'], (node: string) => string>> = {
  gate: (node) => `goes on with ${node}.`,
  suspend: (node) => `goes on with ${node}.`,
  drain: (node) => `goes on with ${node}.`,
  undo: (node) => `goes on with ${node}.`,
  run: (node) => `runs the command for ${node} again and goes on.`,
  back: (node) => `waits for ${node} and goes on.`,
  serve: () => 'tells them to accept again and goes on.',
  recover: () => 'looks again and goes on.',
  done: () => '',
};

/** The failure that a roll ends with: what happened, how the current node was left, and how to go on. */
export function stopped(state: RollState, { kind, code, message, hint }: Reason, operation: string): Failure {
  const node = currentNode(state);
  const done = state.results.map(({ node }) => node);
  const left = state.nodes.slice(done.length);
  const undo = leavesSuspended(state) ? `To undo: ${restartLines(state)}.` : '';
  const parts = [
    hint,
    WHERE_IT_STANDS[state.phase](node),
    undo,
    `${SAME_COMMAND} ${GOES_ON[state.phase](node)}`,
  ];
  return new Failure(
    kindOf(kind, done.length),
    code,
    `${message}; done: ${done.join(', ') || 'no node'}; left: ${left.join(', ')}`,
    {
      hint: parts.filter(Boolean).join(' '),
      details: { operation, node, phase: state.phase, done, left },
    },
  );
}

/** What is done is done; but where it is not known how it stands, or the operator has stopped it, that outranks it. */
const kindOf = (kind: Reason['kind'], done: number): Reason['kind'] =>
  done > 0 && kind !== 'unknown' && kind !== 'interrupted' && kind !== 'bug' ? 'partial' : kind;

const leavesSuspended = ({ phase, suspended }: RollState) =>
  suspended.length > 0 && ['suspend', 'drain', 'undo', 'run', 'serve'].includes(phase);

const restartLines = (state: RollState): string =>
  state.suspended
    .map(
      ({ address, port }) =>
        `vmqctl listener restart address=${address} port=${port} --node ${state.addresses[currentNode(state)]}`,
    )
    .join(', ');
