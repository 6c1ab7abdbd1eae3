import { beforeEach, describe, expect, it } from 'vitest';
import type { QueueSummary } from '../../../../src/lib/admin/rpc.js';
import type { LeaveEvent, LeaveReport } from '../../../../src/lib/cluster/leave/events.js';
import type { LeaveJournal, LeaveRecord } from '../../../../src/lib/cluster/leave/journal.js';
import { leaveCluster } from '../../../../src/lib/cluster/leave/operation.js';
import type { LeaveOptions } from '../../../../src/lib/cluster/leave/options.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster, failed, reply } from '../../../support/fake-cluster.js';

const A = 'a@127.0.0.1';
const B = 'b@127.0.0.1';
const C = 'c@127.0.0.1';

let journal: LeaveJournal & { readonly records: Map<string, LeaveRecord> };
beforeEach(() => {
  const records = new Map<string, LeaveRecord>();
  journal = {
    records,
    read: async (node) => records.get(node),
    create: async (record) => !records.has(record.node) && Boolean(records.set(record.node, record)),
    write: async (record) => void records.set(record.node, record),
    remove: async (node) => void records.delete(node),
  };
});

/** Three nodes, the third with offline queues of three messages each and one clean session. */
function filled(queues = 4): FakeCluster {
  const cluster = new FakeCluster(A, B, C);
  const node = cluster.node(C);
  node.offline = queues;
  node.online = 1;
  node.sessions = Array.from({ length: queues }, (_, index) => ({
    client_id: `q${index}`,
    mountpoint: '',
    node: C,
    is_online: false,
    clean_session: false,
    offline_messages: 3,
  }));
  node.sessions.push({
    client_id: 'passing',
    mountpoint: '',
    node: C,
    is_online: true,
    clean_session: true,
    offline_messages: 0,
  });
  return cluster;
}

/** What a broker does with `-k`: listeners gone, sessions killed, one queue moved every `pace` ms, then gone. */
async function migrate(
  cluster: FakeCluster,
  { pace = 100, lose = '', until = Number.POSITIVE_INFINITY } = {},
): Promise<void> {
  const leaver = cluster.node(C);
  leaver.listeners = leaver.listeners.filter(({ type }) => type !== 'mqtt');
  leaver.online = 0;
  leaver.sessions = leaver.sessions.filter(({ clean_session }) => !clean_session);
  for (let moved = 0; moved < until && leaver.sessions.length > 0; moved += 1) {
    await cluster.clock.sleep(pace);
    const session = leaver.sessions.shift();
    leaver.offline -= 1;
    leaver.queueOut += 3;
    if (session && session.client_id !== lose) cluster.node(A).sessions.push({ ...session, node: A });
  }
  if (leaver.sessions.length > 0) return;
  cluster.forget(C);
  leaver.state = 'dead';
}

const options = (more: Partial<LeaveOptions> = {}): LeaveOptions => ({
  node: C,
  kill: true,
  interval: 5,
  timeout: 120,
  wait: 600_000,
  allowMessageLoss: false,
  allowUnreachableNode: false,
  ...more,
});

async function run(
  cluster: FakeCluster,
  more: Partial<LeaveOptions> = {},
  signal?: AbortSignal,
): Promise<{ events: LeaveEvent[]; report: LeaveReport }> {
  const events: LeaveEvent[] = [];
  const operation = leaveCluster({ fleet: cluster.fleet(A), journal, options: options(more), signal });
  for (;;) {
    const next = await operation.next();
    if (next.done) return { events, report: next.value };
    events.push(next.value);
  }
}

const leaves = (cluster: FakeCluster) => cluster.calls.filter((call) => call.includes('cluster leave'));

it.each([
  [0, 'twice a second', 300],
  [400, 'less often where that costs the nodes much', 110],
])('a leave whose looks take %i ms is looked at %s', async (viewsTake, _how, looks) => {
  const cluster = filled();
  cluster.viewsTake = viewsTake;
  cluster.answers['cluster leave'] = async (command) => {
    await cluster.clock.sleep(50_000);
    await migrate(cluster, { pace: 10 });
    return reply(command, 'Done');
  };
  await run(cluster);
  expect(cluster.looks).toBeLessThan(looks + 20);
  expect(cluster.looks).toBeGreaterThan(looks - 20);
});

describe('a leave over a way in that streams', () => {
  const progressOf = (events: readonly LeaveEvent[]) =>
    events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));

  it('shows what the broker itself counts, and nothing of its other lines', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command, _cluster, { onOutput }) => {
      onOutput?.('Migrated 0/4 queues and 0/12 messages', 'out');
      await cluster.clock.sleep(2000);
      onOutput?.('something else', 'out');
      onOutput?.('Migrated 3/4 queues and 9/12 messages', 'out');
      await migrate(cluster, { pace: 500 });
      return reply(command, 'Done');
    };
    const { events } = await run(cluster);
    const seen = progressOf(events).map(({ migrated }) => migrated);
    expect(seen).toContainEqual({ queues: 0, allQueues: 4, messages: 0, allMessages: 12 });
    expect(seen.at(-1)).toEqual({ queues: 3, allQueues: 4, messages: 9, allMessages: 12 });
  });

  describe('of an earlier run, whose answer nobody hears', () => {
    /** Its listeners and sessions are gone, and the counters in the views stand still. */
    function under(queueSummary: (now: number) => Partial<QueueSummary>): FakeCluster {
      const cluster = filled();
      const leaver = cluster.node(C);
      leaver.listeners = leaver.listeners.filter(({ type }) => type !== 'mqtt');
      leaver.online = 0;
      journal.records.set(C, {
        schema: 'vmqctl.leave/1',
        node: C,
        path: 'migrate',
        survivors: [A, B],
        sentAt: cluster.clock.now(),
        timeout: 1,
        queueOut: 0,
        before: [],
      });
      const still = { online: 0, waitingForOffline: 0, draining: 1, offline: 3, storedMessages: 12 };
      cluster.queueSummary = () => ({ ...still, ...queueSummary(cluster.clock.now()) });
      return cluster;
    }

    it('is not taken for stalled while its queues change their states', async () => {
      const cluster = under((now) => ({ draining: Math.floor(now / 10_000) }));
      void cluster.clock.sleep(120_000).then(() => migrate(cluster));
      const { report } = await run(cluster);
      expect(report.resumed).toBe(true);
      expect(report.took).toBeGreaterThan(120_000);
    });

    it.each<[string, (now: number) => Partial<QueueSummary>]>([
      ['nothing changes', () => ({})],
      ['only new messages come in', (now) => ({ storedMessages: now })],
    ])('is stalled while %s', async (_what, queueSummary) => {
      await expect(run(under(queueSummary))).rejects.toMatchObject({ code: 'leave_stalled' });
    });

    it('is stalled although its node answers only now and then', async () => {
      const cluster = under(() => ({}));
      let asked = 0;
      const answer = cluster.queueSummary;
      cluster.queueSummary = (node) => {
        asked++;
        if (!answer || asked % 2 === 0) throw new Failure('unreachable', 'no_answer', 'no answer');
        return answer(node);
      };
      await expect(run(cluster)).rejects.toMatchObject({ code: 'leave_stalled' });
    });
  });

  it('has at most one question to the leaving node under way, however slow it is', async () => {
    const cluster = filled();
    let asked = 0;
    cluster.summaryTakes = 60_000;
    cluster.queueSummary = () => {
      asked++;
      return { online: 0, waitingForOffline: 0, draining: 1, offline: 3, storedMessages: 12 };
    };
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { pace: 40_000 });
      return reply(command, 'Done');
    };
    await run(cluster);
    expect(asked).toBe(1);
  });

  it('a mistake of ours that keeps the answer away is told, not waited for', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = () => {
      throw new TypeError('a mistake');
    };
    await expect(run(cluster)).rejects.toThrow('a mistake');
  });

  it("shows the leaver's queues by state, and goes on without them when it does not answer", async () => {
    const cluster = filled();
    let asked = 0;
    cluster.queueSummary = ({ name }) => {
      asked++;
      expect(name).toBe(C);
      if (asked === 2) throw new Failure('unreachable', 'no_answer', 'no answer');
      return { online: 0, waitingForOffline: 0, draining: 1, offline: 3, storedMessages: 12 };
    };
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { pace: 5000 });
      return reply(command, 'Done');
    };
    const { events, report } = await run(cluster);
    const seen = progressOf(events).map(({ states }) => states);
    expect(seen).toContainEqual(expect.objectContaining({ draining: 1, storedMessages: 12 }));
    expect(seen).toContain(null);
    expect(report.account?.missing).toEqual([]);
  });
});

describe('a leave with -k', () => {
  it('passes the flags on in the order that the broker understands, to a survivor', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    await run(cluster);
    expect(leaves(cluster)).toEqual([
      `http://127.0.0.1:8881 cluster leave node=${C} --kill_sessions --timeout=120 --summary-interval=5`,
    ]);
  });

  it('ends with an account of every queue and message, without the clean sessions', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    const { report } = await run(cluster);
    expect(report).toMatchObject({
      path: 'migrate',
      stopped: true,
      account: {
        before: { queues: 4, messages: 12 },
        after: { queues: 4, messages: 12 },
        missing: [],
        fewer: [],
        placed: { [A]: 4 },
      },
    });
  });

  it('shows the queues go down and the messages go up', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { pace: 1000 });
      return reply(command, 'Done');
    };
    const { events } = await run(cluster);
    const seen = events.flatMap((event) =>
      event.type === 'progress' && event.progress.sessions !== null ? [event.progress] : [],
    );
    expect(seen[0]).toMatchObject({ queues: { left: 4, total: 4 }, messages: { moved: 0, total: 12 } });
    expect(seen.at(-1)?.messages.moved).toBeGreaterThanOrEqual(9);
  });

  it('names a queue that no survivor has', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { lose: 'q2' });
      return reply(command, 'Done');
    };
    const { report } = await run(cluster);
    expect(report.account?.missing).toEqual([{ mountpoint: '', clientId: 'q2', messages: 3 }]);
  });

  it('goes on watching when the broker closes the connection after 60 s', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async () => {
      void migrate(cluster, { pace: 30_000 });
      await cluster.clock.sleep(60_000);
      return failed({ outcome: 'unknown', code: 'leave_in_progress', message: 'closed' });
    };
    const { report } = await run(cluster);
    expect(report.took).toBeGreaterThan(100_000);
    expect(report.account?.missing).toEqual([]);
    expect(leaves(cluster)).toHaveLength(1);
  });

  it.each([
    ['error, still online queues, check the logs, and retry!', 'still_online_queues'],
    ["Can't migrate queues because cluster is inconsistent, retry!", 'cluster_inconsistent'],
    ['Unknown error: something', 'leave_failed'],
  ])('fails when the broker says, as a success, %j', async (text, code) => {
    const cluster = filled();
    cluster.answers['cluster leave'] = (command) => reply(command, text);
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'failed', code });
  });

  it('does not believe Done while the members still list the node', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = (command) => reply(command, 'Done');
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'unknown', code: 'done_but_member' });
  });

  it('ends when the time of the operator is up, with what it saw last', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { pace: 60_000 });
      return reply(command, 'Done');
    };
    await expect(run(cluster, { wait: 90_000 })).rejects.toMatchObject({
      kind: 'unknown',
      code: 'still_leaving',
      message: expect.stringContaining('3 of 4 queues are left, 3 of 12 messages moved'),
      hint: expect.stringContaining('Run the same command again'),
    });
  });

  it('says so when nothing moves any more and no answer can come', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async () => {
      await migrate(cluster, { until: 2 });
      return failed({ outcome: 'unknown', code: 'leave_in_progress', message: 'closed' });
    };
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'failed', code: 'leave_stalled' });
  });

  it('stops watching on Ctrl-C and says that the broker goes on', async () => {
    const cluster = filled();
    const interrupt = new AbortController();
    cluster.answers['cluster leave'] = async (command) => {
      setImmediate(() => interrupt.abort());
      await migrate(cluster, { pace: 60_000 });
      return reply(command, 'Done');
    };
    await expect(run(cluster, {}, interrupt.signal)).rejects.toMatchObject({
      kind: 'interrupted',
      message: `stopped watching; the broker goes on taking ${C} out`,
      hint: 'Run the same command again: it picks it up and sends no second leave.',
    });
    expect(await journal.read(C)).toBeDefined();
  });
});

describe('a node that dies while it is leaving', () => {
  /** Half-way through, as after an out-of-memory kill: still listed, running for nobody. */
  const dying = () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async () => {
      await migrate(cluster, { until: 2 });
      cluster.kill(C);
      return new Promise(() => undefined);
    };
    return cluster;
  };

  it('is told as dead, long before the time is up', async () => {
    const cluster = dying();
    const started = cluster.clock.now();
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'failed', code: 'leaver_died' });
    expect(cluster.clock.now() - started).toBeLessThan(40_000);
  });

  it('is never sent the leave again, which would remove it with its messages', async () => {
    const cluster = dying();
    await expect(run(cluster)).rejects.toMatchObject({ code: 'leaver_died' });
    await expect(run(cluster)).rejects.toMatchObject({ code: 'leaver_died' });
    expect(leaves(cluster)).toHaveLength(1);
  });

  it('is removed once the operator gives up what is on its disk', async () => {
    const cluster = dying();
    await expect(run(cluster)).rejects.toMatchObject({ code: 'leaver_died' });
    cluster.answers['cluster leave'] = (command) => {
      cluster.forget(C);
      return reply(command, 'Done');
    };
    expect((await run(cluster, { allowMessageLoss: true })).report).toMatchObject({ path: 'remove' });
    expect(leaves(cluster)).toHaveLength(2);
  });

  it('goes on once it is started again, with the account of the first run', async () => {
    const cluster = dying();
    await expect(run(cluster)).rejects.toMatchObject({ code: 'leaver_died' });
    const node = cluster.node(C);
    node.state = 'up';
    node.listeners = cluster.node(A).listeners;
    for (const { members } of cluster.nodes.values()) members.set(C, true);
    expect(await journal.read(C)).toBeDefined();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    const { events, report } = await run(cluster);
    expect(report).toMatchObject({
      account: { before: { queues: 4, messages: 12 }, after: { queues: 4 }, missing: [] },
    });
    expect(events).toContainEqual({
      type: 'warning',
      message: expect.stringContaining('4 queues that it held then'),
    });
  });
});

describe('the record of a leave', () => {
  it('is written before anything is sent, and gone at the end', async () => {
    const cluster = filled();
    let record: LeaveRecord | undefined;
    cluster.answers['cluster leave'] = async (command) => {
      record = journal.records.get(C);
      await migrate(cluster);
      return reply(command, 'Done');
    };
    await run(cluster);
    expect(record).toMatchObject({ schema: 'vmqctl.leave/1', node: C, survivors: [A, B], timeout: 120 });
    expect(journal.records.size).toBe(0);
  });

  it('is not left behind when nothing was changed', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = () =>
      failed({ outcome: 'refused', code: 'unauthorized', message: 'no' });
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'credentials' });
    expect(await journal.read(C)).toBeUndefined();
  });
});

describe('the same command after the first one was killed', () => {
  /** Runs until `when`, then drops the operation as kill -9 would. */
  async function killedRun(
    cluster: FakeCluster,
    when: (event: LeaveEvent) => boolean,
    more: Partial<LeaveOptions> = {},
  ): Promise<void> {
    for await (const event of leaveCluster({ fleet: cluster.fleet(A), journal, options: options(more) }))
      if (when(event)) return;
  }

  it('watches the leave that is going on, sends no second one, and ends with the same account', async () => {
    const cluster = filled(40);
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { pace: 1000 });
      return reply(command, 'Done');
    };
    await killedRun(
      cluster,
      (event) =>
        event.type === 'progress' &&
        event.progress.messages.moved !== null &&
        event.progress.messages.moved > 9,
    );
    const { events, report } = await run(cluster);
    expect(leaves(cluster)).toHaveLength(1);
    expect(events.some(({ type }) => type === 'resumed')).toBe(true);
    expect(report).toMatchObject({
      resumed: true,
      account: { before: { queues: 40, messages: 120 }, after: { queues: 40, messages: 120 } },
    });
    const first = events.find((event) => event.type === 'progress');
    expect(first).toMatchObject({ progress: { messages: { moved: expect.any(Number) } } });
  });

  it('takes the account of a leave that ended meanwhile', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    await killedRun(cluster, ({ type }) => type === 'sent');
    await killedRun(cluster, ({ type }) => type === 'progress');
    await cluster.clock.sleep(10_000);
    const { report } = await run(cluster);
    expect(report).toMatchObject({
      resumed: true,
      account: { after: { queues: 4, messages: 12 }, missing: [] },
    });
  });

  it('sends it again at once when the broker had given up with an answer', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { until: 0 });
      return reply(command, 'error, still online queues, check the logs, and retry!');
    };
    await expect(run(cluster)).rejects.toMatchObject({ code: 'still_online_queues' });
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    const { report } = await run(cluster);
    expect(leaves(cluster)).toHaveLength(2);
    expect(report.account).toMatchObject({ before: { queues: 4, messages: 12 }, missing: [] });
  });

  it('says when nothing moves any more, sends nothing by itself, and sends it again when it is run once more', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async () => {
      await migrate(cluster, { until: 1 });
      return new Promise(() => undefined);
    };
    await killedRun(cluster, ({ type }) => type === 'progress');
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'failed', code: 'leave_stalled' });
    expect(leaves(cluster)).toHaveLength(1);
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    const { events, report } = await run(cluster);
    expect(events).toContainEqual({ type: 'sent', coordinator: 'http://127.0.0.1:8881', again: true });
    expect(report.account).toMatchObject({ before: { queues: 4 }, missing: [] });
    expect(leaves(cluster)).toHaveLength(2);
  });

  it('keeps the record when sending it once more fails for a reason of its own', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { until: 0 });
      return reply(command, 'error, still online queues, check the logs, and retry!');
    };
    await expect(run(cluster)).rejects.toMatchObject({ code: 'still_online_queues' });
    cluster.answers['cluster leave'] = () =>
      failed({ outcome: 'refused', code: 'unauthorized', message: 'no' });
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'credentials' });
    expect((await journal.read(C))?.before).toHaveLength(5);
  });

  it('without -k is refused while that leave goes on, and sends nothing', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { pace: 5000 });
      return reply(command, 'Done');
    };
    await killedRun(cluster, ({ type }) => type === 'progress');
    await expect(run(cluster, { kill: false })).rejects.toMatchObject({
      kind: 'safety',
      code: 'leave_going_on',
    });
    expect(leaves(cluster)).toHaveLength(1);
  });

  it('is not what a dead node without consent is refused for, though its removal was sent before', async () => {
    const cluster = filled();
    cluster.kill(C);
    cluster.answers['cluster leave'] = () => new Promise(() => undefined);
    await killedRun(cluster, ({ type }) => type === 'progress', { allowMessageLoss: true });
    await expect(run(cluster, { kill: false })).rejects.toMatchObject({ code: 'messages_would_be_lost' });
  });

  it('does not wait for a clock that was set back', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    await journal.write({
      schema: 'vmqctl.leave/1',
      node: C,
      path: 'migrate',
      survivors: [A, B],
      sentAt: cluster.clock.now() + 3_600_000,
      timeout: 60,
      queueOut: 0,
      before: [],
    });
    const started = cluster.clock.now();
    await run(cluster);
    expect(cluster.clock.now() - started).toBeLessThan(60_000);
  });

  it('does not wait for a member that has itself left or died since', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    await killedRun(cluster, ({ type }) => type === 'progress');
    await cluster.clock.sleep(20_000);
    cluster.kill(B);
    expect((await run(cluster)).report).toMatchObject({ resumed: true, account: { missing: [] } });
  });

  it('starts afresh when the node serves clients again: it was restarted', async () => {
    const cluster = filled();
    await journal.write({
      schema: 'vmqctl.leave/1',
      node: C,
      path: 'migrate',
      survivors: [A, B],
      sentAt: 0,
      timeout: 60,
      queueOut: 0,
      before: [],
    });
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    const { report } = await run(cluster);
    expect(report).toMatchObject({ resumed: false, account: { before: { queues: 4 } } });
  });

  it('ignores a record of another cluster', async () => {
    const cluster = filled();
    await journal.write({
      schema: 'vmqctl.leave/1',
      node: 'z@127.0.0.1',
      path: 'migrate',
      survivors: ['y@127.0.0.1'],
      sentAt: 0,
      timeout: 60,
      queueOut: 0,
      before: [],
    });
    await expect(run(cluster, { node: 'z@127.0.0.1' })).rejects.toMatchObject({
      kind: 'safety',
      code: 'unknown_node',
    });
  });

  it('is not put off by members that disagree for the moment in which they forget the node', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { until: 3 });
      return reply(command, 'Done');
    };
    await killedRun(cluster, ({ type }) => type === 'progress');
    await cluster.clock.sleep(10_000);
    cluster.node(A).members.delete(C);
    void cluster.clock.sleep(20_000).then(() => {
      cluster.node(A).sessions.push(
        ...cluster
          .node(C)
          .sessions.splice(0)
          .map((session) => ({ ...session, node: A })),
      );
      cluster.forget(C);
    });
    expect((await run(cluster)).report).toMatchObject({ resumed: true, account: { missing: [] } });
  });

  it('sends one leave when two of them run at once', async () => {
    const cluster = filled(40);
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster, { pace: 500 });
      return reply(command, 'Done');
    };
    const [one, other] = await Promise.all([run(cluster), run(cluster)]);
    expect(leaves(cluster)).toHaveLength(1);
    expect([one, other].map(({ report }) => report.account?.missing)).toEqual([[], []]);
  });

  it('follows a leave that somebody else has started, and says that its account begins late', async () => {
    const cluster = filled();
    void migrate(cluster, { pace: 5000 });
    const { events, report } = await run(cluster);
    expect(leaves(cluster)).toEqual([]);
    expect(report.accountIsLate).toBe(true);
    expect(events[1]).toMatchObject({ type: 'resumed' });
    expect(report.account?.missing).toEqual([]);
  });
});

describe('a leave without -k', () => {
  it('suspends the listeners and changes nothing else', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = (command) => {
      const node = cluster.node(C);
      node.listeners = node.listeners.map((listener) =>
        listener.type === 'mqtt' ? { ...listener, status: 'suspended' } : listener,
      );
      return reply(command, 'Done! Use -k to teardown and migrate existing sessions!');
    };
    const { report } = await run(cluster, { kill: false, interval: undefined, timeout: undefined });
    expect(report).toMatchObject({ path: 'suspend', account: null });
    expect(leaves(cluster)).toEqual([`http://127.0.0.1:8881 cluster leave node=${C}`]);
  });

  it('fails loudly when the coordinator did not reach the node and removed it instead', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = (command) => reply(command, 'Done');
    await expect(run(cluster, { kill: false })).rejects.toMatchObject({
      kind: 'failed',
      code: 'removed_instead',
    });
  });

  it('fails when a listener still accepts', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = (command) =>
      reply(command, 'Done! Use -k to teardown and migrate existing sessions!');
    await expect(run(cluster, { kill: false })).rejects.toMatchObject({
      kind: 'failed',
      code: 'listeners_still_open',
    });
  });
});

describe('what cannot be seen', () => {
  it('is not taken for a suspended listener', async () => {
    const cluster = filled();
    cluster.answers['cluster leave'] = (command) => {
      cluster.node(C).state = 'dead';
      return reply(command, 'Done! Use -k to teardown and migrate existing sessions!');
    };
    await expect(run(cluster, { kill: false })).rejects.toMatchObject({
      kind: 'unknown',
      code: 'suspend_unverified',
    });
  });

  it('is a member that the operator has agreed to go on without: the others decide', async () => {
    const cluster = filled();
    cluster.node(B).state = 'dead';
    cluster.answers['cluster leave'] = async (command) => {
      await migrate(cluster);
      return reply(command, 'Done');
    };
    const { events, report } = await run(cluster, { allowUnreachableNode: true });
    expect(report).toMatchObject({ survivors: [A], account: { missing: [] } });
    expect(events).toContainEqual({
      type: 'warning',
      message: expect.stringContaining(`${B} cannot be asked`),
    });
  });
});

describe('the leave of a dead node', () => {
  const dead = () => {
    const cluster = filled();
    cluster.kill(C);
    return cluster;
  };

  it('removes it and tells how many queues were made anew', async () => {
    const cluster = dead();
    cluster.answers['cluster leave'] = async (command) => {
      cluster.forget(C);
      await cluster.clock.sleep(6000);
      cluster.node(B).sessions.push({
        client_id: 'q0',
        mountpoint: '',
        node: B,
        is_online: false,
        clean_session: false,
        offline_messages: 0,
      });
      return reply(command, 'Done');
    };
    const { report } = await run(cluster, { kill: false, allowMessageLoss: true });
    expect(report).toMatchObject({ path: 'remove', recreated: 1, account: null });
  });

  it('says that the repair is not sure when the broker does not come back, and repeats it next time', async () => {
    const cluster = dead();
    cluster.answers['cluster leave'] = async () => {
      cluster.forget(C);
      await cluster.clock.sleep(60_000);
      return failed({ outcome: 'unknown', code: 'leave_in_progress', message: 'closed' });
    };
    await expect(run(cluster, { allowMessageLoss: true })).rejects.toMatchObject({
      kind: 'unknown',
      code: 'repair_unverified',
    });
    cluster.answers['cluster leave'] = (command) => reply(command, 'Done');
    const { report } = await run(cluster, { allowMessageLoss: true });
    expect(report).toMatchObject({ path: 'remove', resumed: true });
    expect(leaves(cluster)).toHaveLength(2);
  });
});
