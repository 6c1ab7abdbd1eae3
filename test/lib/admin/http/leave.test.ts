import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../../src/lib/admin/failure.js';
import { classifyHttp, type HttpAnswer } from '../../../../src/lib/admin/http/classify.js';

const leave = (answer: HttpAnswer) =>
  classifyHttp({ method: 'GET', path: '/api/v1/cluster/leave?node=a@b&--kill_sessions' }, answer);

describe('a leave whose answer does not come from the broker', () => {
  it.each<[string, HttpAnswer]>([
    ['a proxy that gave up', { status: 502, body: 'Bad Gateway' }],
    ['a proxy without a broker', { status: 503, body: '<html>Service Unavailable</html>' }],
    ['a proxy that waited long enough', { status: 504, body: '' }],
    ['a slow request', { status: 408, body: '' }],
    ['a redirect', { status: 302, body: '' }],
    ['a success without a reply', { status: 204, body: '' }],
    ['a page', { status: 200, body: '<html>Welcome</html>' }],
    ['nothing at all', { status: 200, body: '' }],
    ['a reply that says nothing', { status: 200, body: '{"type":"text","text":""}' }],
    ['a table', { status: 200, body: '{"type":"table","table":[{"Node":"a@b"}]}' }],
    ['an error page with a status of the broker', { status: 500, body: 'upstream failed' }],
    ['what is no HTTP', { error: 'HPE_INVALID_CONSTANT' }],
    ['what is cut off', { error: 'HPE_INVALID_EOF_STATE' }],
    ['nothing in time', { error: 'DEADLINE' }],
  ])('may still be going on: %s', (_what, answer) => {
    const classification = leave(answer);
    expect(classification).toMatchObject({ outcome: 'unknown', code: 'leave_in_progress' });
    expect(classification.hint).toContain('do not send a second leave');
    expect(toFailure('http://127.0.0.1:8888', classification).kind).toBe('unknown');
  });

  it.each<[HttpAnswer, string]>([
    [{ status: 500, body: '' }, 'failed broker_error'],
    [{ status: 400, body: '' }, 'refused not_understood'],
    [{ status: 401, body: '' }, 'refused unauthorized'],
    [{ status: 404, body: '' }, 'refused not_found'],
    [{ status: 405, body: '' }, 'refused method_not_allowed'],
    [{ status: 406, body: '' }, 'refused not_acceptable'],
    [{ status: 414, body: '' }, 'refused request_too_long'],
    [{ error: 'ECONNREFUSED' }, 'failed unreachable'],
    [{ error: 'CERT_HAS_EXPIRED' }, 'failed tls_not_trusted'],
    [{ error: 'EPROTO' }, 'failed not_http'],
  ])('is told from %j, which says what has happened', (answer, expected) => {
    const { outcome, code } = leave(answer);
    expect(`${outcome} ${code}`).toBe(expected);
  });
});

describe('a certificate that is not trusted', () => {
  const look = (error: string) => classifyHttp({ method: 'GET', path: '/status.json' }, { error });

  it('because its authority is not known is cured with --ca-file', () => {
    for (const error of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']) {
      expect(look(error)).toMatchObject({
        code: 'tls_not_trusted',
        hint: expect.stringContaining('--ca-file'),
      });
    }
  });

  it.each([
    ['CERT_HAS_EXPIRED', 'Renew'],
    ['CERT_NOT_YET_VALID', 'clock'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'name'],
    ['HOSTNAME_MISMATCH', 'name'],
  ])('for %s is not, and what helps is told', (error, cure) => {
    const { code, hint } = look(error);
    expect(code).toBe('tls_not_trusted');
    expect(hint).toContain(cure);
    expect(hint).not.toContain('--ca-file');
  });
});
