import { describe, expect, it } from 'vitest';
import { readRedisUrl, redisUrl, splitRedisUrl } from '../../../src/lib/context/redis-url.js';
import { failureOf, shown } from './temp-folder.js';

describe("a Redis's URL", () => {
  it.each([
    'redis://127.0.0.1:6379/0',
    'rediss://r.example:6380',
    'redis://user@h/15',
    'unix:///run/redis.sock',
    'redis://[::1]',
    'redis+cluster://127.0.0.1:7000,127.0.0.1:7001',
    'rediss+cluster://user@h,[::1]:7001',
    'redis+sentinel://h:26379,h2/mymaster',
    'rediss+sentinel://user@h/my-master.1/3',
  ])('%s will do', (text) => {
    expect(redisUrl(text, '--redis')).toBe(text);
  });

  it.each([
    'http://h',
    '127.0.0.1:6379',
    'redis:',
    'redis:///0',
    'redis://h/x',
    'redis://h/0?password=S3cret',
    'unix://',
    'unix:///',
    'unix://host/p',
    'redis://:S3%ZZcret@h',
    'redis+cluster://:S3%ZZcret@h',
    'redis+cluster://',
    'redis+cluster://h,',
    'redis+cluster://h:7000,h:x',
    'redis+cluster://h/1',
    'redis+cluster://h?password=S3cret',
    'redis+cluster://h,user:S3cret@h2',
    'redis+cluster://:S3cret@h,:S3cret@h2',
    'redis+sentinel://h:26379',
    'redis+sentinel://h/mymaster/x',
    'redis+sentinel://h/mymaster#S3',
    'redis+other://h',
  ])('%s is refused', async (text) => {
    const failure = await failureOf(() => redisUrl(text, '--redis'));
    expect(failure).toMatchObject({ kind: 'usage', code: 'bad_redis_url' });
    expect(`${failure.message}${failure.hint}`).not.toMatch(/S3/);
  });

  it('of several servers is refused and not repeated with a password in it', async () => {
    const failure = await failureOf(() => redisUrl('redis+cluster://user:S3cret@h:6379,h2', '--redis'));
    expect(failure).toMatchObject({ kind: 'usage', code: 'secret_in_argv' });
    expect(shown(failure)).not.toContain('S3cret');
  });

  it('is refused and not repeated with a password in it', async () => {
    const failure = await failureOf(() => redisUrl('redis://user:S3cret@h:6379/0', '--redis'));
    expect(failure).toMatchObject({ kind: 'usage', code: 'secret_in_argv' });
    expect(shown(failure)).not.toContain('S3cret');
  });

  it('gives its password away apart, decoded', () => {
    const { url, password } = splitRedisUrl('redis://user:p%40ss@h:6379/0', 'VMQCTL_REDIS');
    expect(url).toBe('redis://user@h:6379/0');
    expect(password?.reveal()).toBe('p@ss');
    const several = splitRedisUrl('rediss+sentinel://user:p%40ss@h:1,h2/m/2', 'VMQCTL_REDIS');
    expect(several.url).toBe('rediss+sentinel://user@h:1,h2/m/2');
    expect(several.password?.reveal()).toBe('p@ss');
  });

  it('says where to ask, and for what', () => {
    expect(readRedisUrl('rediss+cluster://us%20er@h,[::1]:7001')).toEqual({
      kind: 'cluster',
      tls: true,
      servers: [
        { host: 'h', port: 6379 },
        { host: '::1', port: 7001 },
      ],
      username: 'us er',
      database: '0',
      master: '',
    });
    expect(readRedisUrl('redis+sentinel://h,h2:7/mymaster/3')).toMatchObject({
      kind: 'sentinel',
      tls: false,
      servers: [
        { host: 'h', port: 26379 },
        { host: 'h2', port: 7 },
      ],
      database: '3',
      master: 'mymaster',
    });
    expect(readRedisUrl('unix:///run/a%20b')).toMatchObject({
      kind: 'server',
      servers: [{ path: '/run/a b' }],
    });
  });
});
