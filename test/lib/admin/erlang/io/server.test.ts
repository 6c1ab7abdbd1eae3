import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ErlangError } from '../../../../../src/lib/admin/erlang/error.js';
import { IoServer, type IoServerOptions } from '../../../../../src/lib/admin/erlang/io/server.js';
import { atom, binary, charlist, tuple } from '../../../../../src/lib/admin/erlang/term/construct.js';
import { BrokenTerm } from '../../../../../src/lib/admin/erlang/term/decode.js';
import { Pid, type Term } from '../../../../../src/lib/admin/erlang/term/types.js';

const asker = new Pid(atom('far@host'), 1, 0, 1);
const ask = (request: Term, replyAs: Term = 1) => tuple(atom('io_request'), asker, replyAs, request);
const put = (chars: Term) => tuple(atom('put_chars'), atom('latin1'), chars);
const formatted = tuple(atom('put_chars'), atom('unicode'), atom('io_lib'), atom('format'), [
  charlist('~p'),
  [1],
]);
const requests = (...all: Term[]) => tuple(atom('requests'), all);
const failed = (reason: string) => tuple(atom('error'), atom(reason));

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => unhandled.push(error);

beforeEach(() => void process.on('unhandledRejection', onUnhandled));
afterEach(() => {
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

/** A server, and what it does. */
function start(options: Partial<IoServerOptions> = {}) {
  const texts: string[] = [];
  const replies: Term[] = [];
  const failures: ErlangError[] = [];
  const server = new IoServer({
    onText: (text) => texts.push(text),
    inputEnded: undefined,
    apply: async () => charlist('made there'),
    reply: (_, message) => replies.push(message),
    onFailure: (error) => failures.push(error),
    ...options,
  });
  return { server, texts, replies, failures };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const tooDeep = () => {
  throw new ErlangError('bad_term', 'too deep');
};

describe('an answer that cannot be sent is reported', () => {
  test('at once', () => {
    const { server, failures } = start({ reply: tooDeep });
    server.onMessage(ask(atom('getopts')));
    expect(failures).toMatchObject([{ code: 'bad_term', message: 'too deep' }]);
  });

  test('when it is its turn', async () => {
    const { server, failures } = start({ reply: tooDeep });
    server.onMessage(ask(formatted));
    server.onMessage(ask(atom('getopts')));
    await server.drained();
    expect(failures).toMatchObject([{ code: 'bad_term' }, { code: 'bad_term' }]);
  });

  test('when input has ended', async () => {
    const { server, failures } = start({ reply: tooDeep, inputEnded: Promise.resolve() });
    server.onMessage(ask(tuple(atom('get_line'), charlist('?'))));
    await settled();
    expect(failures).toMatchObject([{ code: 'bad_term' }]);
  });
});

describe('an error of ours is reported as one of the other node', () => {
  const broken = async () => {
    throw new RangeError('ours');
  };

  test('while others are waited for', async () => {
    let release: (chars: Term) => void = () => undefined;
    const first = new Promise<Term>((resolve) => {
      release = resolve;
    });
    const answers = [() => first, broken];
    const { server, failures, texts } = start({ apply: async () => (await answers.shift()?.()) ?? [] });
    server.onMessage(ask(formatted));
    server.onMessage(ask(formatted));
    await settled();
    expect(failures).toEqual([]);
    release(charlist('first'));
    await server.drained();
    expect(texts).toEqual(['first']);
    expect(failures).toMatchObject([
      { name: 'ErlangError', code: 'bad_frame', cause: new RangeError('ours') },
    ]);
  });

  test('where the text is taken', () => {
    const onText = () => {
      throw new RangeError('ours');
    };
    const { server, failures, replies } = start({ onText });
    server.onMessage(ask(put(binary('a'))));
    expect(failures).toMatchObject([{ code: 'bad_frame', cause: new RangeError('ours') }]);
    expect(replies).toEqual([]);
  });
});

describe('requests within requests', () => {
  const nested = (levels: number) => {
    let request: Term = put(binary('deep'));
    for (let level = 0; level < levels; level++) request = requests(request);
    return request;
  };

  test('may be ten deep', async () => {
    const { server, replies, texts } = start();
    server.onMessage(ask(nested(10)));
    await server.drained();
    expect(texts).toEqual(['deep']);
    expect(replies).toEqual([tuple(atom('io_reply'), 1, atom('ok'))]);
  });

  test.each([11, 5000])('are refused where they are %i deep', async (levels) => {
    const { server, replies, texts } = start();
    server.onMessage(ask(nested(levels)));
    await server.drained();
    expect(texts).toEqual([]);
    expect(replies).toEqual([tuple(atom('io_reply'), 1, failed('request'))]);
  });

  test('do not write more than a text may be long', async () => {
    const { server, failures, replies } = start();
    const large = put(Buffer.alloc(16 * 1024 * 1024, 'x'));
    server.onMessage(ask(requests(large, large, large, large, put(binary('x')))));
    await server.drained();
    expect(failures).toMatchObject([{ code: 'bad_term' }]);
    expect(replies).toEqual([]);
  });
});

describe('a request of which only the beginning can be read', () => {
  const error = new ErlangError('bad_term', 'too long');
  const broken = (...beginning: Term[]) => new BrokenTerm(error, beginning);

  test('is answered, and what it was to write is reported as lost', () => {
    const { server, replies, failures } = start();
    server.onBroken(broken(atom('io_request'), asker, 7));
    expect(replies).toEqual([tuple(atom('io_reply'), 7, failed('request'))]);
    expect(failures).toEqual([error]);
  });

  test('is answered where nobody wants what it was to write', () => {
    const { server, replies, failures } = start({ onText: undefined });
    server.onBroken(broken(atom('io_request'), asker, 7));
    expect(replies).toEqual([tuple(atom('io_reply'), 7, failed('request'))]);
    expect(failures).toEqual([]);
  });

  test.each([[[]], [[atom('io_request')]], [[atom('io_request'), asker]]])(
    'is reported where it cannot be answered',
    (beginning) => {
      const { server, replies, failures } = start({ onText: undefined });
      server.onBroken(broken(...beginning));
      expect(replies).toEqual([]);
      expect(failures).toEqual([error]);
    },
  );
});
