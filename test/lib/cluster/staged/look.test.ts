import { describe, expect, it } from 'vitest';
import { type Look, toLook } from '../../../../src/lib/cluster/staged/look.js';
import { mergeViews } from '../../../../src/lib/cluster/view.js';
import { NO_COUNTERS } from '../../../support/counters.js';

const counters = { ...NO_COUNTERS, online: 5 };

/** Each node that answers, and whom it lists: those with a bang it does not see running. */
function seen(views: Readonly<Record<string, string>>, more: { unasked?: string[] } = {}): Look {
  const observations = Object.entries(views).map(([node, listed]) => ({
    address: `http://${node}`,
    self: node,
    partial: false,
    views: [
      {
        node,
        version: '2.1.2',
        listeners: [],
        counters,
        members: new Map(listed.split(' ').map((name) => [name.replace('!', ''), !name.endsWith('!')])),
      },
    ],
  }));
  const state = { node: 'c', survivors: ['a', 'b'], listeners: [], ...more };
  return toLook(mergeViews(observations), state, 0, false);
}

describe('who stays', () => {
  it('are those that were there', () => {
    expect(seen({ a: 'a b c', b: 'a b c', c: 'a b c' })).toMatchObject({
      isListed: true,
      isWhole: true,
      survivors: { a: 5, b: 5 },
    });
  });

  it('is who has joined meanwhile too: it is asked by the broker, and has to forget the node', () => {
    expect(seen({ a: 'a b c d', b: 'a b c d', c: 'a b c d', d: 'a b c d' }).survivors).toHaveProperty('d', 5);
    expect(seen({ a: 'a b d', b: 'a b d', d: 'a b c d' }).isListed).toBe(true);
    expect(seen({ a: 'a b c d!', b: 'a b c d!' })).toMatchObject({
      lost: ['d'],
      silent: ['d'],
      isWhole: false,
    });
  });

  it('is not who has left the cluster since: nobody waits for it for ever', () => {
    expect(seen({ a: 'a' })).toMatchObject({ isListed: false, lost: [], silent: [], isWhole: true });
  });

  it('is not asked, where the operator has consented to that', () => {
    expect(seen({ a: 'a b c d', b: 'a b c d' }, { unasked: ['d'] })).toMatchObject({
      silent: [],
      isWhole: true,
    });
  });

  it('is not told by the node itself, which lists all when it is out', () => {
    expect(seen({ a: 'a b', b: 'a b', c: 'a b c d' })).toMatchObject({ isListed: false, silent: [] });
  });

  it('is who was there, where none of them answers', () => {
    expect(seen({ c: 'a b c' })).toMatchObject({ isListed: undefined, silent: ['a', 'b'] });
  });
});
