import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AdminReply, AdminRpc, CallOptions } from '../../../../src/lib/admin/rpc.js';
import { ForwardCommand } from '../../../../src/lib/cli/forward/command.js';
import { QuickConfig } from '../../../../src/lib/cli/quick-config.js';
import type { Streams } from '../../../../src/lib/cli/streams.js';
import { systemClock } from '../../../../src/lib/clock.js';

const ADDRESS = 'erl://VerneMQ@172.16.16.13';

interface Run {
  readonly out: PassThrough;
  readonly err: PassThrough;
  readonly asked: string[];
  readonly ended: Promise<void>;
}

/** Runs a command against one node that answers so, with streams of its own. */
function start(line: string, call: AdminRpc['call']): Run {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const asked: string[] = [];
  const rpc: AdminRpc = {
    address: ADDRESS,
    streams: true,
    call: (command, options) => {
      asked.push(command.words.join(' '));
      return call(command, options);
    },
    views: () => Promise.reject(new Error('not asked here')),
    membership: () => Promise.reject(new Error('not asked here')),
    isOpen: () => Promise.reject(new Error('not asked here')),
    close: () => undefined,
  };
  class Tested extends ForwardCommand {
    protected override readonly streams: Streams = {
      out,
      err,
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      colourOut: false,
      colourErr: false,
    };
    protected override openFleet() {
      return Promise.resolve({
        rpc: () => rpc,
        seeds: [ADDRESS],
        deadline: 1000,
        clock: systemClock,
        host: () => expect.fail('no host is asked for'),
        vmqAdmin: {},
        erlang: {},
        close: () => undefined,
      });
    }
    /** Failures as they are, instead of on the process's own streams. */
    protected override catch(thrown: unknown): Promise<void> {
      return Promise.reject(thrown);
    }
  }
  const config = new QuickConfig(new URL('../../../', import.meta.url)) as unknown as ConstructorParameters<
    typeof ForwardCommand
  >[1];
  const command = new Tested(line.split(' '), config) as unknown as { _run(): Promise<void> };
  return { out, err, asked, ended: command._run() };
}

const text = (stream: PassThrough) => String(stream.read() ?? '');
const DONE: AdminReply = { outcome: 'done', code: 'done', message: 'answered', elements: [] };

/** Says these lines one by one and goes on until it is told to stop. */
const trace =
  (...lines: string[]) =>
  async (_command: unknown, { onOutput, signal }: CallOptions): Promise<AdminReply> => {
    for (const line of lines) {
      if (signal?.aborted) break;
      onOutput?.(line, 'out');
      await new Promise((resolve) => setImmediate(resolve));
    }
    return DONE;
  };

describe('a trace', () => {
  it('prints its lines in order, without what could steer a terminal', async () => {
    const { out, err, ended } = start('trace client client-id=x', trace('one', '\u001b[2Jtwo'));
    await ended;
    expect(text(out)).toBe('one\n\\u001b[2Jtwo\n');
    expect(text(err)).toContain('The trace is over');
  });

  it('prints a document in each line with --json', async () => {
    const { out, ended } = start('trace client client-id=x --json', trace('"one"'));
    await ended;
    expect(JSON.parse(text(out))).toEqual({ line: '"one"' });
  });

  it('ends when nobody reads it any more', async () => {
    const run = start('trace client client-id=x', async (command, options) => {
      run.out.destroy();
      return trace(...Array.from({ length: 1000 }, String))(command, {
        ...options,
        onOutput: counted(options),
      });
    });
    let lines = 0;
    const counted =
      ({ onOutput }: CallOptions): CallOptions['onOutput'] =>
      (line, stream) => {
        lines += 1;
        onOutput?.(line, stream);
      };
    await run.ended.catch((thrown) => expect(thrown).toMatchObject({ code: 'cannot_write' }));
    expect(lines).toBeLessThan(5);
  });
});

describe('a command that changes something', () => {
  it.each([
    'session reauthorize username=u client-id=x',
    'node stop',
    'plugin disable --name=vmq_diversity',
    'config reset app=vmq_server',
    'session disconnect batch count=5',
    'api-key delete --key-from env:PATH',
  ])('is not sent without a yes where nobody can be asked: %s', async (line) => {
    const { ended, asked } = start(line, async () => DONE);
    await expect(ended).rejects.toMatchObject({ kind: 'safety', code: 'not_confirmed' });
    expect(asked).toEqual([]);
  });

  it.each(['session disconnect client-id=x', 'node upgrade', 'listener stop address=127.0.0.1 port=1'])(
    'is sent at once where nothing is at stake: %s',
    async (line) => {
      const { ended, asked } = start(line, async () => DONE);
      await ended;
      expect(asked).toHaveLength(1);
    },
  );

  it('names what is at stake in front of the question', async () => {
    const { err, ended } = start('node stop', async () => DONE);
    await expect(ended).rejects.toThrow();
    expect(text(err)).toContain('warning: All clients of the node are disconnected');
  });
});

describe('a failure that came with a table', () => {
  const reply: AdminReply = {
    outcome: 'failed',
    code: 'tls_check_failed',
    message: 'tls check: /etc/cert.pem',
    hint: 'Correct it.',
    elements: [{ type: 'table', rows: [{ File: '/etc/cert.pem', SecExp: 5 }] }],
  };

  it('shows the table, and fails', async () => {
    const { out, ended } = start('tls check', async () => reply);
    await expect(ended).rejects.toMatchObject({ kind: 'failed', code: 'tls_check_failed' });
    expect(text(out)).toContain('/etc/cert.pem');
  });

  it('has it in the one document of JSON', async () => {
    const { out, ended } = start('tls check --json', async () => reply);
    await expect(ended).rejects.toMatchObject({
      details: { reply: { type: 'table', table: [{ File: '/etc/cert.pem', SecExp: 5 }] } },
    });
    expect(text(out)).toBe('');
  });
});

describe('--show-command', () => {
  it('warns where the script of vmq-admin would mangle what it prints', async () => {
    const { out, err, ended, asked } = start('show max_* --show-command', async () => DONE);
    await ended;
    expect(text(out)).toBe("vmq-admin show 'max_*'\n");
    expect(text(err)).toContain('the vmq-admin script');
    expect(asked).toEqual([]);
  });
});
