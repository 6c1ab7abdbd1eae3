import { type Change, changesBetween } from '../../cluster/watch/changes.js';
import type { WatchState } from '../../cluster/watch/state.js';
import { type Note, note } from '../view.js';
import { clusterShowDocument } from './cluster-show.js';

/** What a look tells that the one before did not, one line for each change, with the time of the look. */
export function watchLines(before: WatchState | undefined, now: WatchState): Note[] {
  const time = new Date(now.at).toISOString();
  return changesBetween(before, now).map((change) => {
    const { text, tone } = describe(change);
    return note(`${time} ${text}`, tone);
  });
}

function describe(change: Change): Note {
  switch (change.kind) {
    case 'begun':
      return summary(change.state);
    case 'node_added':
      return note(`${change.node} is a member now`, 'good');
    case 'node_gone':
      return note(`${change.node} is no member any more`, 'warning');
    case 'node_changed': {
      const fields = change.fields.map(({ name, from, to }) => `${name} ${from ?? '?'} -> ${to ?? '?'}`);
      return note(`${change.node}: ${fields.join(', ')}`);
    }
    case 'problem': {
      const { severity, message, hint } = change.problem;
      return note(`${severity}: ${message} -> ${hint}`, severity === 'error' ? 'bad' : 'warning');
    }
    case 'problem_over':
      return note(`over: ${change.problem.message}`, 'good');
    case 'silent':
      return note(`error: ${change.message}${change.hint ? ` -> ${change.hint}` : ''}`, 'bad');
    case 'answered_again':
      return note('answered again', 'good');
  }
}

function summary({ report }: WatchState): Note {
  const { members } = report.view;
  const counters = members.flatMap(({ own }) => own?.counters ?? []);
  const online = counters.reduce((sum, { online }) => sum + online, 0);
  const queued = [...report.queued.values()].reduce((sum, { messages }) => sum + messages, 0);
  const nodes = `${members.length} ${members.length === 1 ? 'node' : 'nodes'}`;
  return note(
    `${report.healthy ? 'healthy' : 'not healthy'}: ${nodes}, ${online} online, ${queued} queued`,
    report.healthy ? 'good' : 'bad',
  );
}

/** The document of `--json`, without its time: what says whether there is something new. */
export function watchDocument({ report, rates, silence }: WatchState) {
  const { nodes, ...rest } = clusterShowDocument(report);
  return {
    ...rest,
    schema: 'vmqctl.cluster-watch/1',
    answered: silence === undefined,
    healthy: silence === undefined && report.healthy,
    nodes: nodes.map((node) => {
      const { in: received = null, out = null } = rates.get(node.name) ?? {};
      return { ...node, messagesPerSecond: { in: received, out } };
    }),
    ...(silence ? { error: { code: silence.code, message: silence.message, hint: silence.hint } } : {}),
  };
}
