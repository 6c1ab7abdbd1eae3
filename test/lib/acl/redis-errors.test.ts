import { describe, expect, it } from 'vitest';
import { authFailure, connectionFailure, replyFailure } from '../../../src/lib/acl/redis-errors.js';

const PLACE = 'redis://127.0.0.1:6379/0';

describe('a reply of Redis', () => {
  it.each([
    ['NOAUTH Authentication required.', 'credentials', 'redis_password_needed'],
    [
      'WRONGPASS invalid username-password pair or user is disabled.',
      'credentials',
      'redis_password_refused',
    ],
    ['ERR invalid password', 'credentials', 'redis_password_refused'],
    [
      'ERR AUTH <password> called without any password configured for the default user. Are you sure?',
      'credentials',
      'redis_password_not_wanted',
    ],
    ['ERR Client sent AUTH, but no password is set', 'credentials', 'redis_password_not_wanted'],
    ["ERR wrong number of arguments for 'auth' command", 'credentials', 'redis_knows_no_users'],
    ["NOPERM this user has no permissions to run the 'set' command", 'credentials', 'redis_permission'],
    ['DENIED Redis is running in protected mode because…', 'credentials', 'redis_protected_mode'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'data', 'wrong_type'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'failed', 'redis_full'],
    ["READONLY You can't write against a read only replica.", 'failed', 'redis_read_only'],
    ['MISCONF Redis is configured to save RDB snapshots…', 'failed', 'redis_refuses_writes'],
    ['NOREPLICAS Not enough good replicas to write.', 'failed', 'redis_refuses_writes'],
    ['LOADING Redis is loading the dataset in memory', 'unreachable', 'redis_loading'],
    ['BUSY Redis is busy running a script.', 'unreachable', 'redis_busy'],
    ['ERR max number of clients reached', 'unreachable', 'redis_busy'],
    ['MOVED 3999 127.0.0.1:6381', 'failed', 'redis_cluster'],
    ['CLUSTERDOWN The cluster is down', 'unreachable', 'redis_cluster_down'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'unreachable', 'redis_busy'],
    ['ERR This instance has cluster support disabled', 'configuration', 'no_redis_cluster'],
    ['ERR DB index is out of range', 'configuration', 'redis_no_database'],
    ['ERR something new', 'failed', 'redis_error'],
  ])('%s is a failure of its own', (message, kind, code) => {
    const failure = replyFailure(message, PLACE);
    expect(failure).toMatchObject({ kind, code, message: expect.stringContaining(PLACE) });
    expect(failure.hint).toBeTruthy();
    expect(failure.message).not.toContain('\n');
  });

  it.each([
    'ERR unknown command \'SET\', with args beginning with: \'["","a","b"]\' \'S3CRET\' ',
    'ERR unknown command `SET`, with args beginning with: `k`, `S3CRET`, ',
    'ERR something\r\nS3CRET',
  ])('never shows arguments: %s', (message) => {
    expect(JSON.stringify(replyFailure(message, PLACE))).not.toContain('S3CRET');
    expect(replyFailure(message, PLACE).message).not.toContain('S3CRET');
  });

  it('to a login is shown only where it is known', () => {
    const failure = authFailure('ERR unknown thing S3CRET', PLACE);
    expect(failure).toMatchObject({ kind: 'credentials', code: 'redis_login_failed' });
    expect(failure.message + failure.hint).not.toContain('S3CRET');
    expect(authFailure('WRONGPASS no', PLACE)).toMatchObject({ code: 'redis_password_refused' });
  });
});

describe('a broken connection', () => {
  it.each([
    [{ code: 'ECONNREFUSED' }, 'redis_unreachable', 'is not reachable (ECONNREFUSED)'],
    [{ code: 'ENOTFOUND' }, 'redis_unreachable', 'is not reachable (ENOTFOUND)'],
    [
      { message: 'Connection is closed.' },
      'redis_unreachable',
      'is not reachable (the connection was closed)',
    ],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'redis_certificate', 'has a certificate that is not trusted'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'redis_certificate', 'has a certificate that is not trusted'],
    [{ code: 'EPROTO' }, 'redis_no_tls', 'does not speak TLS'],
    [{ message: 'Unknown RESP type 72 "H"' }, 'not_redis', 'does not answer as a Redis does'],
    [
      { message: 'Command queue state error. Last error: ERR max number of clients reached' },
      'redis_busy',
      'cannot answer',
    ],
  ])('%j is unreachable, with the reason', (error, code, message) => {
    expect(connectionFailure(error, PLACE)).toMatchObject({
      kind: 'unreachable',
      code,
      message: expect.stringContaining(message),
    });
  });
});
