import { describe, expect, it } from 'vitest';
import { planStaged, type StagedWish } from '../../../../src/lib/cluster/staged/plan.js';
import type { SandboxNode } from '../../../../src/lib/sandbox/handle.js';
import { get, sandbox, trio } from '../../sandbox/support.js';
import { contextFor } from './world.js';

const plan = async (seed: SandboxNode, node: SandboxNode, options: StagedWish['options'] = {}) =>
  planStaged(await contextFor([seed]), {
    node: node.name,
    options,
    allowUnreachableNode: false,
    bcryptPool: 1,
    bcryptCost: 12,
  });

const suspended = (by: SandboxNode, node: SandboxNode) => get(by, `/api/v1/cluster/leave?node=${node.name}`);

describe('the capacity of the members that stay', () => {
  it('is told: what each has, and what it will have', async () => {
    const [one, two, three] = trio(await sandbox());
    one.fill({ queues: 2, messages: 5 });
    three.fill({ queues: 5, messages: 4 });
    await two.connect({ sessions: 3, reconnect: 'never', clean: true });
    await three.connect({ sessions: 4, reconnect: 'never', clean: true });
    expect((await plan(one, three)).loads).toEqual([
      {
        node: one.name,
        serves: true,
        sessions: { before: 0, after: 2 },
        queues: { before: 2, after: 5 },
        messages: { before: 10, after: 20 },
      },
      {
        node: two.name,
        serves: true,
        sessions: { before: 3, after: 5 },
        queues: { before: 0, after: 3 },
        messages: { before: 0, after: 10 },
      },
    ]);
  });

  it('does not count a member that accepts no clients, and is asked about', async () => {
    const [one, two, three] = trio(await sandbox());
    await three.connect({ sessions: 4, reconnect: 'never' });
    await suspended(one, two);
    const { loads, storm, warnings } = await plan(one, three);
    expect(loads.map(({ sessions }) => sessions.after)).toEqual([4, 0]);
    expect(warnings).toContainEqual(expect.stringContaining(`${two.name} accepts no clients`));
    await suspended(three, one);
    await expect(plan(one, three)).rejects.toMatchObject({ kind: 'safety', code: 'nobody_serves' });
    expect(storm.loginRate).toBe(5);
  });

  it('has to be enough for a threshold that was given: the leave would stop half-way', async () => {
    const [one, two, three] = trio(await sandbox());
    await two.connect({ sessions: 3, reconnect: 'never' });
    await three.connect({ sessions: 6, reconnect: 'never' });
    await expect(plan(one, three, { rate: 5, survivorSessions: 4 })).rejects.toMatchObject({
      kind: 'safety',
      code: 'no_room',
      message: expect.stringContaining('5 of its 6'),
    });
    expect((await plan(one, three, { rate: 5, survivorSessions: 5 })).loads).toHaveLength(2);
  });
});
