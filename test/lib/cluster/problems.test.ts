import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../src/lib/admin/rpc.js';
import { findProblems, isHealthy } from '../../../src/lib/cluster/problems/find.js';
import { mergeViews, type Observation } from '../../../src/lib/cluster/view.js';

const MQTT = { type: 'mqtt', status: 'running', address: '127.0.0.1', port: 1883 };

const viewOf = (node: string, ...members: string[]): NodeView => ({
  node,
  version: '2.1.2',
  members: new Map(members.map((name) => [name, true])),
  listeners: [MQTT],
  counters: null,
});

const answer = (view: NodeView): Observation => ({
  address: `http://${view.node.slice(2)}:8888`,
  self: view.node,
  views: [view],
  partial: false,
});

const look = (...observations: Observation[]) => {
  const view = mergeViews(observations);
  return { view, problems: findProblems(view) };
};

describe('a node that does not list itself', () => {
  it('is a problem, though it lists others', () => {
    const { problems } = look(answer(viewOf('a@h1', 'b@h2')), answer(viewOf('b@h2', 'a@h1', 'b@h2')));
    expect(isHealthy(problems)).toBe(false);
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'not_listing_itself', severity: 'error', nodes: ['a@h1'] }),
    );
  });

  it('does not run for anybody when nobody else lists it either', () => {
    const { view, problems } = look(answer(viewOf('a@h1')));
    expect(view.members.map(({ name, running }) => [name, running])).toEqual([['a@h1', 'no']]);
    expect(isHealthy(problems)).toBe(false);
  });

  it('is none where all list themselves', () => {
    const { problems } = look(answer(viewOf('a@h1', 'a@h1', 'b@h2')), answer(viewOf('b@h2', 'a@h1', 'b@h2')));
    expect(problems).toEqual([]);
  });
});

describe('a node that does not give its view', () => {
  const refused: Observation = {
    address: 'http://h2:8888',
    expected: 'b@h2',
    error: 'the node does not accept this API key, or wants one',
    failure: { kind: 'credentials', code: 'unauthorized', hint: 'A key needs the scope mgmt.' },
  };
  const hintOf = (...observations: Observation[]) =>
    look(...observations).problems.find(({ code }) => code === 'unreachable')?.hint;

  it('is told with the cure for its own failure', () => {
    expect(hintOf(answer(viewOf('a@h1', 'a@h1', 'b@h2')), refused)).toBe('A key needs the scope mgmt.');
  });

  it('is told as known where another node carried its view', () => {
    const carried: Observation = {
      ...answer(viewOf('a@h1', 'a@h1', 'b@h2')),
      views: [viewOf('a@h1', 'a@h1', 'b@h2'), viewOf('b@h2', 'a@h1', 'b@h2')],
    };
    expect(hintOf(carried, refused)).toContain('through another node');
  });
});

describe('members that are dead', () => {
  const hintFor = (...dead: string[]) => {
    const members = new Map([['a@h1', true], ...dead.map((name) => [name, false] as const)]);
    const { problems } = look(answer({ ...viewOf('a@h1'), members }));
    return problems.find(({ code }) => code === 'ghost')?.hint;
  };

  it('are taken out one by one where there is one, and together where there are several', () => {
    expect(hintFor('b@h2')).toContain('vmqctl cluster leave node=b@h2 --allow-message-loss');
    expect(hintFor('b@h2', 'c@h3')).toContain('vmqctl cluster reap --allow-message-loss');
  });
});
