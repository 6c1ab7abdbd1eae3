import { describe, expect, it } from 'vitest';
import { findingIn, patternFor } from '../../../../src/lib/cluster/explain/log-lines.js';

const entry = (message: string) => ({ node: 'a', time: 1999, message, text: message });
const found = (message: string, clientId = 'dev-1') => findingIn(entry(message), clientId);

describe('an entry of the log', () => {
  it.each([
    ['client {[],<<"dev-1">>} disconnected due to multiple sessions not allowed', { kind: 'taken_over' }],
    [
      'can\'t auth publish for client {[],<<"dev-1">>} (user <<"u1">>) on topic [<<"a">>,<<>>,<<"b c">>] due to not_authorized',
      { kind: 'publish_denied', topic: 'a//b c', reason: 'not_authorized' },
    ],
    // Before 2.1.2: all arguments of the hook.
    [
      'can\'t auth publish [<<"u1">>,{[],<<"dev-1">>},0,[<<"a">>,<<"b">>],<<"a ] due to payload">>,false] due to not_authorized',
      { kind: 'publish_denied', topic: 'a/b', reason: 'not_authorized', user: 'u1' },
    ],
    [
      'can\'t authorize SUBSCRIBE from v3 client {[],<<"dev-1">>} from 10.0.0.1:5 due to not_authorized',
      { kind: 'subscribe_denied', reason: 'not_authorized' },
    ],
    [
      'can\'t authenticate client {[],<<"dev-1">>} from 10.0.0.1:5 due to\n   invalid_credentials',
      { kind: 'login_refused', reason: 'invalid_credentials' },
    ],
    [
      'can\'t authenticate last will\n                          for client {[],<<"dev-1">>} due to not_authorized',
      { kind: 'will_denied', reason: 'not_authorized' },
    ],
    // As it stands in a log: the formatter puts a comma for the end of a line.
    [
      'can\'t authenticate last will, for client {[],<<"dev-1">>} due to not_allowed',
      { kind: 'will_denied', reason: 'not_allowed' },
    ],
    [
      'can\'t register client {[],<<"dev-1">>} with username <<"u">> due to not_ready',
      { kind: 'register_refused', reason: 'not_ready' },
    ],
    [
      'can\'t register client {"mp",<<"dev-1">>} due to reason draining',
      { kind: 'register_refused', reason: 'draining' },
    ],
    [
      'client {[],<<"dev-1">>} with username <<"u">> stopped due to keepalive expired',
      { kind: 'keepalive_expired' },
    ],
    ['invalid client id <<"dev-1">>', { kind: 'bad_client_id' }],
  ])('%s', (message, expected) => {
    expect(found(message)).toMatchObject({ node: 'a', time: 1, ...expected });
  });

  it.each([
    'can\'t authenticate client {[],<<"dev-11">>} from 10.0.0.1:5 due to invalid_credentials',
    'client {[],<<"dev-1">>} said something else',
    'session normally terminated',
  ])('that is about something else says nothing: %s', (message) => {
    expect(found(message)).toBeUndefined();
  });

  it('is found for ids that Erlang writes in another way', () => {
    expect(found('invalid client id <<"a\\"b\\\\c">>', 'a"b\\c')).toMatchObject({ kind: 'bad_client_id' });
    expect(found('invalid client id <<195,188>>', 'ü')).toMatchObject({ kind: 'bad_client_id' });
  });

  it('is read byte by byte, as the broker writes it', () => {
    expect(found('invalid client id <<"Ã¼">>', 'ü')).toMatchObject({ kind: 'bad_client_id' });
    const denied =
      'can\'t auth publish for client {[],<<"Ã¼">>} (user <<"Ã¶">>) on topic [<<"hello world">>,<<"Ã¼">>,<<195,132>>,<<>>] due to not_authorized';
    expect(found(denied, 'ü')).toMatchObject({ topic: 'hello world/ü/Ä/', user: 'ö' });
    expect(patternFor('ü').test(denied)).toBe(true);
  });

  it('tells the user by which the client had logged in', () => {
    expect(
      found('client {[],<<"dev-1">>} with username <<"u\\"1">> stopped due to keepalive expired'),
    ).toMatchObject({
      user: 'u"1',
    });
    expect(
      found('client {[],<<"dev-1">>} with username undefined stopped due to keepalive expired'),
    ).not.toHaveProperty('user');
  });

  it('is found where Erlang has broken a long id over two lines', () => {
    const id = `${'x'.repeat(60)}-end`;
    const broken = `client {[],<<"${'x'.repeat(60)}"\n           "-end">>} with username <<"u">> stopped due to keepalive expired`;
    expect(found(broken, id)).toMatchObject({ kind: 'keepalive_expired' });
    expect(patternFor(id).test(broken)).toBe(true);
  });

  it('is fetched by what of the id every format of the log has', () => {
    expect(patternFor('dev-1').test('x {[],<<"dev-1">>}')).toBe(true);
    expect(patternFor('a.b+c').test('<<"aXb+c">>')).toBe(false);
    expect(patternFor('long part"x').test('{"msg":"<<\\"long part\\\\\\"x\\">>"}')).toBe(true);
    expect(patternFor('aü').test('<<97,195,188>>')).toBe(true);
    expect(patternFor('ü').test('<<195,188>>')).toBe(true);
  });
});
