import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Flow, percentile } from '../../../src/lib/probe/statistics.js';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('percentile', () => {
  it.each([
    [[], 50, null],
    [[7], 50, 7],
    [[7], 99, 7],
    [[1, 2], 50, 1],
    [[1, 2, 3], 50, 2],
    [numbers(100), 50, 50],
    [numbers(100), 99, 99],
    [numbers(101), 99, 100],
    [numbers(10), 99, 10],
  ])('of %j: p%i is %j', (sorted, percent, expected) => {
    expect(percentile(sorted, percent)).toBe(expected);
  });

  it('is a value that enough of them do not exceed, and the smallest such', () => {
    const sorted = fc
      .array(fc.integer(), { minLength: 1 })
      .map((list) => list.sort((one, other) => one - other));
    fc.assert(
      fc.property(sorted, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const value = percentile(list, percent) ?? Number.NaN;
        const share = (limit: (one: number) => boolean) => (list.filter(limit).length * 100) / list.length;
        expect(share((one) => one <= value)).toBeGreaterThanOrEqual(percent);
        expect(share((one) => one < value)).toBeLessThan(percent);
      }),
    );
  });
});

describe('Flow', () => {
  const flowOf = (sent: number, arrivals: readonly number[]) => {
    const flow = new Flow();
    flow.begin(1);
    for (let count = 0; count < sent; count += 1) flow.publish();
    for (const number of arrivals) flow.arrive(1, number, number * 10);
    return flow;
  };

  it('counts what is lost, what came twice and what came out of order', () => {
    const flow = flowOf(5, [1, 3, 2, 3, 3]);
    expect(flow.isComplete).toBe(false);
    flow.settle(false);
    expect(Flow.summarize([flow])).toEqual({
      ...{ sent: 5, received: 3, lost: 2, late: 0, duplicates: 2, outOfOrder: 1 },
      ...{ p50: 20, p99: 30, max: 30 },
    });
  });

  it('says nothing of latency where nothing arrived', () => {
    expect(Flow.summarize([flowOf(3, [])])).toMatchObject({ lost: 3, p50: null, p99: null, max: null });
  });

  it('keeps a message lost that arrives in the next round, and says that it came', () => {
    const flow = flowOf(2, [1]);
    flow.settle(false);
    flow.begin(2);
    flow.publish();
    expect(flow.isComplete).toBe(false);
    flow.arrive(1, 2, 900);
    flow.arrive(2, 1, 5);
    expect(flow.isComplete).toBe(true);
    flow.settle(false);
    expect(Flow.summarize([flow])).toMatchObject({ sent: 3, received: 2, lost: 1, late: 1, max: 10 });
  });

  it('counts nothing as lost that was not waited for', () => {
    const flow = flowOf(5, [1, 2]);
    flow.settle(true);
    expect(Flow.summarize([flow])).toMatchObject({ sent: 2, received: 2, lost: 0 });
  });

  it('takes the newest thousand latencies, so that it can run for ever', () => {
    const flow = flowOf(1500, numbers(1500));
    expect(Flow.summarize([flow])).toMatchObject({ received: 1500, lost: 0, p50: 10_000, max: 15_000 });
  });

  it('adds flows up', () => {
    const summary = Flow.summarize([flowOf(2, [1, 2]), flowOf(2, [1])]);
    expect(summary).toMatchObject({ sent: 4, received: 3, lost: 1, p50: 10, max: 20 });
  });
});
