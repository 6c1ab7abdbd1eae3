import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../../src/lib/admin/catalogue/parse.js';
import { unknown } from '../../../../src/lib/admin/outcomes.js';
import type { AdminReply, AdminRpc, CallOptions, Classification } from '../../../../src/lib/admin/rpc.js';
import { forwarded } from '../../../../src/lib/cli/forward/forwarded.js';
import {
  assertSendable,
  type Forwarded,
  failureOf,
  sendToFirst,
} from '../../../../src/lib/cli/forward/send.js';
import { followStream } from '../../../../src/lib/cli/forward/stream.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeClock } from '../../../support/fake-clock.js';

type Answer = (options: CallOptions, words: string) => Classification | Promise<Classification>;

const DONE: Classification = { outcome: 'done', code: 'done', message: 'answered' };
const bad = (code: string, outcome: 'refused' | 'failed' | 'unknown' = 'failed'): Classification => ({
  outcome,
  code,
  message: 'a message',
  hint: 'a hint that helps',
});

/** Nodes that answer as they are told, and remember what they were asked. */
function nodesThat(answers: Readonly<Record<string, Answer>>, streams = false) {
  const asked: string[] = [];
  const rpc = (address: string): AdminRpc => ({
    address,
    streams,
    call: async ({ words }, options): Promise<AdminReply> => {
      asked.push(`${address} ${words.join(' ')}`);
      const answer = answers[address];
      if (!answer) throw new Error(`nobody at ${address}`);
      return { ...(await answer(options, words.join(' '))), elements: [] };
    },
    views: () => Promise.reject(new Error('not asked here')),
    membership: () => Promise.reject(new Error('not asked here')),
    isOpen: () => Promise.reject(new Error('not asked here')),
    close: () => undefined,
  });
  return { rpc, seeds: Object.keys(answers), asked };
}

function job(text: string): Forwarded {
  const argv = text.split(' ');
  const spec = forwarded(argv);
  if (!spec) throw new Error(`not forwarded: ${text}`);
  return { spec, command: parseLine(argv) };
}

const send = async (text: string, nodes: ReturnType<typeof nodesThat>) => {
  const skipped: string[] = [];
  const sent = await sendToFirst(job(text), nodes, { deadline: 1000 }, ({ code }) => skipped.push(code));
  return { ...sent, skipped };
};

describe('a forwarded command', () => {
  it('goes to the next node where the first cannot be reached', async () => {
    const nodes = nodesThat({ 'http://a': () => bad('unreachable'), 'http://b': () => DONE });
    const { address, reply, skipped } = await send('session disconnect client-id=x', nodes);
    expect({ address, outcome: reply.outcome, skipped }).toEqual({
      address: 'http://b',
      outcome: 'done',
      skipped: ['unreachable'],
    });
  });

  it.each([
    'no_answer',
    'garbled_reply',
    'outcome_unknown',
    'unauthorized',
    'not_understood',
    'broker_error',
  ])('that may have arrived is not sent again: %s', async (code) => {
    const nodes = nodesThat({ 'http://a': () => bad(code), 'http://b': () => DONE });
    const { reply } = await send('session disconnect client-id=x', nodes);
    expect(reply.code).toBe(code);
    expect(nodes.asked).toEqual(['http://a session disconnect']);
  });

  it.each(['no_answer', 'garbled_reply'])('that is a question goes on: %s', async (code) => {
    const nodes = nodesThat({ 'http://a': () => bad(code), 'http://b': () => DONE });
    expect((await send('session show', nodes)).address).toBe('http://b');
  });

  it('ends with the failure of the last node', async () => {
    const nodes = nodesThat({ 'http://a': () => bad('unreachable'), 'http://b': () => bad('port_closed') });
    const { address, reply } = await send('session show', nodes);
    expect({ address, code: reply.code }).toEqual({ address: 'http://b', code: 'port_closed' });
  });

  it('that is interrupted says that it may be done all the same, if it changes something', async () => {
    const stop: Answer = () => {
      throw new Failure('interrupted', 'interrupted', 'interrupted');
    };
    await expect(send('metrics reset', nodesThat({ 'http://a': stop }))).rejects.toMatchObject({
      kind: 'interrupted',
      hint: expect.stringContaining('metrics reset'),
    });
    await expect(send('session show', nodesThat({ 'http://a': stop }))).rejects.toMatchObject({
      hint: undefined,
    });
  });
});

describe('before anything is sent', () => {
  const two = nodesThat({ 'http://a': () => DONE, 'http://b': () => DONE });

  it.each([
    'metrics reset',
    'listener stop address=127.0.0.1 port=1',
    'session reauthorize username=u client-id=x',
    'set max_client_id_size=5',
  ])('what acts on one node wants that one: %s', (text) => {
    expect(() => assertSendable(job(text), two)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'which_node' }),
    );
    expect(two.asked).toEqual([]);
  });

  it.each([
    'listener show',
    'session disconnect client-id=x',
    'set max_client_id_size=5 --all',
    'show max_client_id_size',
  ])('what any node can do takes any: %s', (text) =>
    expect(() => assertSendable(job(text), two)).not.toThrow(),
  );

  it('a trace is refused where lines cannot come one by one', () => {
    expect(() =>
      assertSendable(job('trace client client-id=x'), nodesThat({ 'http://a': () => DONE })),
    ).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'cannot_stream',
        hint: expect.stringContaining('erl://'),
      }),
    );
  });

  it.each([
    ['http://a', 'retain delete --topic a=b'],
    ['ssh://root@a', 'show max_client_id_size*'],
  ])('what the way would mangle is refused: %s', (address, text) => {
    expect(() => assertSendable(job(text), nodesThat({ [address]: () => DONE }))).toThrow(
      expect.objectContaining({ code: 'value_gets_lost' }),
    );
  });
});

describe('a command that the node does not know', () => {
  it('tells since when it is there, or what brings it', () => {
    const reply = { ...bad('not_understood', 'refused'), elements: [] };
    expect(
      failureOf(job('session unsubscribe client-id=x topic=a'), { address: 'http://a', reply })?.hint,
    ).toContain('2.1.0');
    expect(failureOf(job('webhooks show'), { address: 'http://a', reply })?.hint).toContain('vmq_webhooks');
    expect(failureOf(job('metrics show'), { address: 'http://a', reply })?.hint).toBe('a hint that helps');
  });
});

describe('a stream', () => {
  const trace = job('trace client client-id=x');
  const address = 'erl://VerneMQ@a';
  const interrupted: Answer = ({ signal }) =>
    new Promise((_resolve, reject) =>
      signal?.addEventListener('abort', () =>
        reject(new Failure('interrupted', 'interrupted', 'interrupted')),
      ),
    );

  /** Ctrl-C as soon as the first line is there, unless told otherwise. */
  async function follow(answer: Answer, { interrupt = true, tracer = [] as boolean[] } = {}) {
    const nodes = nodesThat({ [address]: answer }, true);
    const stop = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      if (interrupt) stop.abort();
    };
    const looks = [...tracer];
    const rpc: AdminRpc = { ...nodes.rpc(address), isTracing: async () => looks.shift() ?? false };
    const clock = new FakeClock();
    const outcome = await followStream(trace, rpc, onLine, stop.signal, clock).catch(
      (thrown: Failure) => thrown,
    );
    return { outcome, lines, asked: nodes.asked, looksLeft: looks.length };
  }

  it('that ends its call when it is told to has confirmed its end', async () => {
    const answer: Answer = async ({ onOutput, signal }) => {
      onOutput?.('a line', 'out');
      return signal?.aborted ? DONE : bad('not_told_to_stop');
    };
    expect(await follow(answer)).toMatchObject({
      outcome: undefined,
      lines: ['a line'],
      asked: [`${address} trace client`],
    });
  });

  const brokenOff =
    (stopReply: Classification): Answer =>
    (options, words) => {
      if (words === 'trace stop_all') return stopReply;
      const ended = interrupted(options, words);
      options.onOutput?.('a line', 'out');
      return ended;
    };

  it('that is broken off is ended by the node, which confirms it', async () => {
    const { outcome, asked } = await follow(brokenOff({ ...DONE, code: 'done_unsaid' }));
    expect(outcome).toBeUndefined();
    expect(asked).toEqual([`${address} trace client`, `${address} trace stop_all`]);
  });

  it('that nobody confirms the end of may still run', async () => {
    const { outcome } = await follow(brokenOff(unknown('outcome_unknown', 'no answer', 'Look again.')));
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'trace_may_run' });
  });

  it('that the node refuses is a failure', async () => {
    const { outcome } = await follow(() => bad('trace_running', 'refused'));
    expect(outcome).toMatchObject({ kind: 'failed', code: 'trace_running' });
  });

  const endsWhenTold: Answer = async ({ onOutput, signal }) => {
    onOutput?.('a line', 'out');
    return signal?.aborted ? DONE : bad('not_told_to_stop');
  };

  it('is over only when its tracer is', async () => {
    const { outcome, looksLeft } = await follow(endsWhenTold, { tracer: [true, true, false] });
    expect({ outcome, looksLeft }).toEqual({ outcome: undefined, looksLeft: 0 });
  });

  it('whose tracer does not stop may still run', async () => {
    const { outcome } = await follow(endsWhenTold, { tracer: Array.from({ length: 1000 }, () => true) });
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'trace_may_run' });
  });

  /** Writes a line, and ends soon after when it is told to, as a client that goes on would. */
  const says =
    (line: string): Answer =>
    ({ onOutput, signal }) =>
      new Promise((resolve) => {
        onOutput?.(line, 'out');
        const patience = setTimeout(() => resolve(bad('not_told_to_stop')), 100);
        signal?.addEventListener('abort', () => {
          clearTimeout(patience);
          resolve(DONE);
        });
      });

  it.each([
    ['2026-11-22T14:38:40Z Trace rate limit triggered.', 'trace_rate_limit', '--rate-max'],
    ['2026-11-22T14:38:40Z Trace terminated by external action.', 'trace_terminated', 'stop_all'],
  ])('that the node has ended is told to stop, and is a failure: %s', async (line, code, hint) => {
    const { outcome } = await follow(says(line), { interrupt: false, tracer: [true, false] });
    expect(outcome).toMatchObject({ kind: 'failed', code, hint: expect.stringContaining(hint) });
  });

  it.each([
    ['an indented payload', '    Trace rate limit triggered', [false]],
    ['an indented copy of the line', '    2026-11-22T14:38:40Z Trace rate limit triggered.', [false]],
    [
      'a payload with a line feed and a copy of the line',
      '2026-11-22T14:38:40Z Trace rate limit triggered.',
      Array.from({ length: 1000 }, () => true),
    ],
  ])('goes on where only a client says that it has ended: %s', async (_what, line, tracer) => {
    const { outcome } = await follow(says(line), { interrupt: false, tracer });
    expect(outcome).toMatchObject({ code: 'not_told_to_stop' });
  });

  it('that was never sent is interrupted, and nobody is asked to stop it', async () => {
    const notSent = new Failure('interrupted', 'not_sent', 'interrupted before anything was sent');
    const answer: Answer = ({ onOutput }) => {
      onOutput?.('a line', 'out');
      throw notSent;
    };
    const { outcome, asked } = await follow(answer);
    expect(outcome).toBe(notSent);
    expect(asked).toEqual([`${address} trace client`]);
  });
});
