import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../../src/lib/admin/failure.js';
import type { AdminCommand } from '../../../../src/lib/admin/rpc.js';
import { SshAdminRpc } from '../../../../src/lib/admin/ssh/client.js';
import { Failure } from '../../../../src/lib/failure.js';
import type { Finished, RunOptions, SshHost } from '../../../../src/lib/ssh/host.js';
import { recordedAnswers } from '../../../support/ssh-admin/host.js';

const ADDRESS = 'ssh://root@10.0.0.1';
const OPTIONS = { deadline: 5000 };
const LEAVE: AdminCommand = {
  words: ['cluster', 'leave'],
  arguments: [['node', 'a@b']],
  flags: [['kill_sessions', true]],
};
const SET: AdminCommand = { words: ['set'], arguments: [['max_client_id_size', '7']] };
const SHOW: AdminCommand = { words: ['cluster', 'show'] };

type Answerer = (asked: string, options: RunOptions) => Promise<Finished> | Finished;

/** A host whose `vmq-admin` is a function of the arguments. */
function rpcOf(answer: Answerer) {
  const asked: string[] = [];
  const host: SshHost = {
    address: ADDRESS,
    run: async (line, options = {}) => {
      const argv = line.replace(/^va /, '');
      asked.push(argv);
      const finished = await answer(argv, options);
      options.onOutput?.(Buffer.from(finished.stdout), 'out');
      options.onOutput?.(Buffer.from(finished.stderr), 'err');
      return { ...finished, stdout: '', stderr: '' };
    },
    openStream: () => Promise.reject(new Error('not asked for')),
    close: () => undefined,
  };
  const rpc = new SshAdminRpc({ address: ADDRESS, host: () => host, vmqAdmin: { path: 'va' } });
  return { rpc, asked };
}

const out = (stdout: string): Finished => ({ stdout, stderr: '', exitCode: 0 });
const TABLE = '{"table":[{"Node":"VerneMQ21@127.0.0.1","Running":true}],"type":"table"}';
const recorded = recordedAnswers();
const replay: Answerer = (asked) =>
  recorded.get(asked) ?? { stdout: 'Usage: vmq-admin node\n', stderr: '', exitCode: 1 };

describe('what is run', () => {
  it('is asked in JSON where the broker can, with the keys in front of the flags', async () => {
    const { rpc, asked } = rpcOf(() => out(TABLE));
    await rpc.call(SHOW, OPTIONS);
    await rpc.call(SET, OPTIONS);
    expect(asked).toEqual(['cluster show --format=json', 'set max_client_id_size=7']);
  });

  it('waits as long as we do where that is more than 60 s', async () => {
    const { rpc, asked } = rpcOf(() => out(TABLE));
    await rpc.call(LEAVE, OPTIONS);
    await rpc.call(SHOW, { deadline: 61_000 });
    await rpc.call(SHOW, { deadline: 0 });
    await rpc.call(SHOW, { deadline: 60_000 });
    expect(asked.map((line) => line.endsWith(' -rpctimeout infinity'))).toEqual([true, true, true, false]);
  });

  it.each([
    ['blanks', 'a b'],
    ['a backslash', 'a\\b'],
    ['a quote', "O'Neill"],
    ['a double quote', '"'],
    ['a parenthesis', 'f(x)'],
    ['a brace', '{"a":1}'],
  ])('never has a value with %s, which the script would change', async (_what, value) => {
    const { rpc, asked } = rpcOf(() => out('Done'));
    const command: AdminCommand = { words: ['session', 'disconnect'], arguments: [['client-id', value]] };
    await expect(rpc.call(command, OPTIONS)).rejects.toMatchObject({
      kind: 'usage',
      code: 'value_gets_lost',
      hint: expect.stringMatching(/erl:/),
    });
    expect(asked).toEqual([]);
  });
});

describe('a run that draws a node name that another run has', () => {
  const taken: Finished = {
    stdout: '=INFO REPORT====\n',
    stderr:
      "escript: exception error: no match of right hand side value \n{error,{{shutdown,{failed_to_start_child,net_kernel,{'EXIT',nodistribution}}}}}\n",
    exitCode: 127,
  };

  it('is run again: nothing was sent', async () => {
    let draws = 0;
    const { rpc } = rpcOf(() => (++draws < 3 ? taken : out(TABLE)));
    expect(await rpc.call(LEAVE, OPTIONS)).toMatchObject({ outcome: 'unknown' });
    expect(draws).toBe(3);
  });

  it('is given up after a while, as never sent', async () => {
    const { rpc, asked } = rpcOf(() => taken);
    const reply = await rpc.call(LEAVE, OPTIONS);
    expect(reply).toMatchObject({ outcome: 'refused', code: 'name_conflict' });
    expect(toFailure(ADDRESS, reply).kind).toBe('unreachable');
    expect(asked).toHaveLength(5);
  });
});

describe('a view', () => {
  it('is put together from what vmq-admin says, with the node by its own name', async () => {
    const { rpc, asked } = rpcOf(replay);
    const { self, views } = await rpc.views(OPTIONS);
    expect(self).toBe('VerneMQ21@127.0.0.1');
    expect(views).toEqual([
      {
        node: self,
        version: '2.2.0',
        members: new Map([[self, true]]),
        listeners: [
          { type: 'mqtt', status: 'running', address: '127.0.0.1', port: 11_881 },
          { type: 'http', status: 'running', address: '127.0.0.1', port: 18_881 },
          { type: 'vmq', status: 'running', address: '127.0.0.1', port: 44_151 },
        ],
        counters: expect.objectContaining({ online: 0, retained: 0 }),
      },
    ]);
    await rpc.views(OPTIONS);
    await rpc.membership(OPTIONS);
    expect(asked.filter((line) => line.startsWith('show'))).toHaveLength(1);
    expect(asked).toHaveLength(4 + 3 + 1);
  });

  it('is there without counters and version for a broker that has no node status', async () => {
    const { rpc } = rpcOf((asked, options) =>
      asked.startsWith('node status')
        ? { stdout: 'Usage: vmq-admin node <sub-command>\n', stderr: '', exitCode: 1 }
        : replay(asked, options),
    );
    const { views } = await rpc.views(OPTIONS);
    expect(views[0]).toMatchObject({
      version: null,
      counters: null,
      members: new Map([['VerneMQ21@127.0.0.1', true]]),
    });
  });

  it('is not made up: neither of an answer that is none, nor of a name that could not be had', async () => {
    const { rpc } = rpcOf(() => out('hello\n'));
    await expect(rpc.views(OPTIONS)).rejects.toMatchObject({ kind: 'unreachable', code: 'garbled_reply' });
    const silent = rpcOf((asked, options) => {
      if (asked.startsWith('show')) throw new Failure('unreachable', 'ssh_deadline', `${ADDRESS}: late`);
      return replay(asked, options);
    });
    await expect(silent.rpc.membership(OPTIONS)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'no_answer',
    });
  });

  it('asks for the name again after that has failed', async () => {
    let isDown = true;
    const { rpc } = rpcOf((asked, options) => {
      if (isDown) throw new Failure('unreachable', 'ssh_refused', `${ADDRESS}: nothing listens`);
      return replay(asked, options);
    });
    await expect(rpc.membership(OPTIONS)).rejects.toMatchObject({ kind: 'unreachable', code: 'ssh_refused' });
    isDown = false;
    expect((await rpc.membership(OPTIONS)).node).toBe('VerneMQ21@127.0.0.1');
  });
});

describe('a run that came to nothing', () => {
  const failing = (code: string, kind: Failure['kind']) =>
    rpcOf(() => Promise.reject(new Failure(kind, code, `${ADDRESS}: why`))).rpc;

  it.each(['ssh_lost', 'ssh_deadline'])('%s leaves open what has happened', async (code) => {
    const rpc = failing(code, 'unreachable');
    expect(await rpc.call(LEAVE, OPTIONS)).toMatchObject({ outcome: 'unknown', code: 'leave_in_progress' });
    expect(await rpc.call(SET, OPTIONS)).toMatchObject({ outcome: 'unknown', code: 'outcome_unknown' });
    expect(await rpc.call(SHOW, OPTIONS)).toMatchObject({ outcome: 'failed', code: 'no_answer' });
  });

  it.each([
    ['ssh_refused', 'unreachable'],
    ['ssh_denied', 'credentials'],
    ['ssh_host_key_changed', 'credentials'],
    ['bad_ssh_config', 'configuration'],
  ] as const)('%s has sent nothing', async (code, kind) => {
    const rpc = failing(code, kind);
    for (const command of [LEAVE, SET, SHOW]) {
      const reply = await rpc.call(command, OPTIONS);
      expect(reply).toMatchObject({
        outcome: 'refused',
        code,
        message: 'why',
        hint: expect.stringMatching(/\w/),
      });
      expect(toFailure(ADDRESS, reply)).toMatchObject({ kind, message: `${ADDRESS}: why` });
    }
  });

  it.each([
    [`${ADDRESS} refuses it`, 'refuses it'],
    [`${ADDRESS}:2222: nothing listens`, 'nothing listens'],
    ['ssh://root@10.0.0.12: nothing listens', 'ssh://root@10.0.0.12: nothing listens'],
  ])('does not name the host twice, nor half of another: %s', async (message, said) => {
    const { rpc } = rpcOf(() => Promise.reject(new Failure('credentials', 'ssh_denied', message)));
    expect((await rpc.call(SHOW, OPTIONS)).message).toBe(said);
  });

  it('is interrupted when we were told to stop, and a mistake of ours is not hidden', async () => {
    await expect(failing('interrupted', 'interrupted').call(SHOW, OPTIONS)).rejects.toMatchObject({
      kind: 'interrupted',
    });
    const broken = rpcOf(() => Promise.reject(new TypeError('a bug'))).rpc;
    await expect(broken.call(SHOW, OPTIONS)).rejects.toThrow(TypeError);
  });
});

describe('a run that says nothing and ends well', () => {
  it('was not of vmq-admin: a question has no answer, and what became of a change is not known', async () => {
    const { rpc } = rpcOf(() => out('\n'));
    expect(await rpc.call({ words: ['session', 'show'] }, OPTIONS)).toMatchObject({
      outcome: 'failed',
      code: 'no_reply',
      elements: [],
    });
    expect(await rpc.call(LEAVE, OPTIONS)).toMatchObject({ outcome: 'unknown', code: 'outcome_unknown' });
  });

  it('is as it should be where the broker is not asked in JSON', async () => {
    expect(await rpcOf(() => out('')).rpc.call(SET, OPTIONS)).toMatchObject({
      code: expect.not.stringMatching(/no_reply|outcome_unknown/),
    });
  });
});

describe('what a command writes while it runs', () => {
  it('is handed on line by line, without the document, also where the last line does not end', async () => {
    const { rpc } = rpcOf((_asked, { onOutput }) => {
      onOutput?.(Buffer.from('Migrated 1/2 queues and 0/0 mess'), 'out');
      onOutput?.(Buffer.from('ages\nwarning'), 'out');
      onOutput?.(Buffer.from('\n{"text":"Done","type":"text"}'), 'out');
      return out('');
    });
    const lines: string[] = [];
    const reply = await rpc.call(LEAVE, {
      ...OPTIONS,
      onOutput: (line, stream) => lines.push(`${stream} ${line}`),
    });
    expect(lines).toEqual(['out Migrated 1/2 queues and 0/0 messages', 'out warning']);
    expect(reply).toMatchObject({ code: 'leave_unverified', elements: [{ type: 'text', text: 'Done' }] });
  });
});
