import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { SavedContext } from '../../../src/lib/context/schema.js';
import { type Probes, validateContext } from '../../../src/lib/context/validate.js';
import { Failure, type FailureKind } from '../../../src/lib/failure.js';
import { tempFile } from './temp-folder.js';

const context = (more: Partial<SavedContext> = {}): SavedContext => ({
  name: 'prod',
  nodes: ['https://a', 'https://b'],
  ...more,
});
const NOW = Date.parse('2026-01-01');
const validate = (saved: SavedContext, probes?: Probes, now = NOW) =>
  validateContext(saved, { environment: { PATH: process.env.PATH, KEY: 'k3y' }, now, deadline: 100, probes });

/** Probes that answer, but for the URLs that are given a failure. */
const probes = (failures: Record<string, FailureKind> = {}): Probes => {
  const probe = async (url: string) => {
    const kind = failures[url];
    if (kind) throw new Failure(kind, 'test', `${url} fails`);
    return 'answers';
  };
  return { node: () => probe, redis: () => probe };
};

const verdicts = (checks: readonly { name: string; verdict: string }[]) =>
  checks.map(({ name, verdict }) => `${name} ${verdict}`);

describe('without connecting', () => {
  it('finds nothing wrong with a sound context', async () => {
    const caFile = await tempFile(rootCertificates.slice(0, 2).join('\n'));
    const report = await validate(
      context({ apiKeyFrom: 'env:KEY', redis: 'redis://h', redisPasswordFrom: 'command:echo x', caFile }),
    );
    expect(report.failure).toBeNull();
    expect(verdicts(report.checks)).toEqual(['nodes ok', 'api-key ok', 'redis-password ok', 'ca-file ok']);
    expect(report.checks[3]?.message).toContain('2 certificates');
    expect(JSON.stringify(report)).not.toContain('k3y');
  });

  it('finds every secret that cannot be had', async () => {
    const report = await validate(
      context({ apiKeyFrom: 'env:GONE', redisPasswordFrom: 'file:/none/at/all' }),
    );
    expect(report.failure).toBe('configuration');
    expect(verdicts(report.checks)).toEqual(['nodes ok', 'api-key bad', 'redis-password bad']);
  });

  it('warns of keys that travel in clear', async () => {
    const report = await validate(context({ nodes: ['http://10.0.0.1'], apiKeyFrom: 'env:KEY' }));
    expect(report.failure).toBeNull();
    expect(report.checks[0]).toMatchObject({ verdict: 'warning' });
  });

  it.each([
    ['', 'no PEM certificate'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'broken certificate, number 1'],
  ])('refuses a CA file that holds %j', async (text, reason) => {
    const report = await validate(context({ caFile: await tempFile(text) }));
    expect(report).toMatchObject({
      failure: 'configuration',
      checks: [{}, { verdict: 'bad', message: expect.stringContaining(reason) }],
    });
  });

  it('refuses a CA file that is not there', async () => {
    expect((await validate(context({ caFile: '/none/at/all' }))).failure).toBe('configuration');
  });

  it('warns of authorities whose time is over', async () => {
    const caFile = await tempFile(rootCertificates[0] ?? '');
    const report = await validate(context({ caFile }), undefined, Date.parse('2199-01-01'));
    expect(report).toMatchObject({
      failure: null,
      checks: [{}, { verdict: 'warning', message: expect.stringContaining('expired') }],
    });
  });
});

describe('connecting', () => {
  it('is content with one node that answers', async () => {
    const report = await validate(context({ redis: 'redis://h' }), probes({ 'https://b': 'unreachable' }));
    expect(report.failure).toBeNull();
    expect(verdicts(report.checks)).toEqual([
      'nodes ok',
      'connect-node ok',
      'connect-node warning',
      'connect-redis ok',
    ]);
  });

  it.each([
    [{ 'https://a': 'unreachable', 'https://b': 'unreachable' }, 'unreachable'],
    [{ 'https://b': 'credentials' }, 'credentials'],
    [{ 'redis://h': 'unreachable' }, 'unreachable'],
    [{ 'https://b': 'credentials', 'redis://h': 'unreachable' }, 'credentials'],
    [{ 'https://b': 'configuration', 'redis://h': 'credentials' }, 'configuration'],
  ] as const)('%j is %s', async (failures, kind) => {
    expect((await validate(context({ redis: 'redis://h' }), probes(failures))).failure).toBe(kind);
  });

  it('is not tried with secrets that cannot be had', async () => {
    const report = await validate(context({ apiKeyFrom: 'env:GONE' }), probes());
    expect(verdicts(report.checks)).toEqual(['nodes ok', 'api-key bad']);
  });

  it('does not hide a bug', async () => {
    const broken: Probes = { ...probes(), node: () => () => Promise.reject(new TypeError('bug')) };
    await expect(validate(context(), broken)).rejects.toThrow('bug');
  });
});
