import { describe, expect, it } from 'vitest';
import { render } from '../../../../src/lib/cli/render.js';
import {
  nagiosFailure,
  nagiosText,
  prometheusFailure,
  prometheusText,
} from '../../../../src/lib/cli/views/check-monitoring.js';
import { changeText, clusterCheckView } from '../../../../src/lib/cli/views/cluster-check.js';
import type { Status } from '../../../../src/lib/cluster/check/finding.js';
import type { CheckReport } from '../../../../src/lib/cluster/check/run.js';
import { Failure } from '../../../../src/lib/failure.js';

const report = (status: Status): CheckReport => ({
  status,
  members: ['a@h1', 'b@h2'],
  causes:
    status === 'critical'
      ? [
          {
            code: 'node_stopped',
            certainty: 'likely',
            nodes: ['b@h2'],
            message: 'b@h2 does | not\nrun',
            because: 'its host refuses connections',
            cure: 'Start it.',
            look: 'See its log.',
          },
        ]
      : [],
  checks: [
    { name: 'views', status: 'ok', summary: 'all agree' },
    { name: 'ghosts', status, summary: 'as it is', evidence: ['seen so'], cure: 'Do this.', nodes: ['b@h2'] },
  ],
});

describe('the result of cluster check', () => {
  it('tells the cause first, then each check, then what to do', async () => {
    const text = await render(clusterCheckView(report('critical')), 'table', false);
    const order = [
      'cause (likely): b@h2',
      'because its host',
      'to be sure: See',
      '│ ghosts',
      '-> Do this.',
      'not healthy',
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  it('says nothing below the table of what is ok', async () => {
    const text = await render(clusterCheckView(report('ok')), 'table', false);
    expect(text).toContain('healthy: 2 nodes, 2 ok');
    expect(text).not.toContain('views:');
  });

  it('is not called healthy where something is not known', async () => {
    expect(await render(clusterCheckView(report('unknown')), 'table', false)).not.toMatch(/^healthy/m);
  });

  it('has a document with a schema, and the same members whatever was found', async () => {
    const document = JSON.parse(await render(clusterCheckView(report('critical')), 'json', false));
    expect(document).toMatchObject({ schema: 'vmqctl.cluster-check/1', healthy: false, status: 'critical' });
    expect(document.checks[0]).toEqual({
      name: 'views',
      status: 'ok',
      summary: 'all agree',
      evidence: [],
      cause: null,
      cure: null,
      nodes: [],
    });
  });
});

describe('for Nagios', () => {
  it.each([
    ['ok', 'OK'],
    ['warn', 'WARNING'],
    ['critical', 'CRITICAL'],
    ['unknown', 'UNKNOWN'],
  ] as const)('%s is %s, on one line with one bar', (status, word) => {
    const [first = ''] = nagiosText(report(status)).split('\n');
    expect(first.startsWith(`VERNEMQ ${word} - `)).toBe(true);
    expect(first.split('|')).toHaveLength(2);
  });

  it('a cluster that does not answer is critical, and a mistake of ours tells nothing of it', () => {
    expect(nagiosFailure(new Failure('unreachable', 'unreachable', 'no node | answers'))).toEqual({
      text: 'VERNEMQ CRITICAL - no node / answers\n',
      code: 2,
    });
    expect(nagiosFailure(new Failure('usage', 'usage', 'bad flag')).code).toBe(3);
  });
});

describe('for Prometheus', () => {
  it('each check and each cause is a sample, each line in the text format', () => {
    const text = prometheusText(report('critical'));
    expect(text).toContain('vmqctl_check_status{check="ghosts"} 2');
    expect(text).toContain('vmqctl_cause{code="node_stopped",certainty="likely",node="b@h2"} 1');
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"\n]*",?)+\})? \d+)$/);
  });

  it('a cluster that does not answer has a sample too', () => {
    const text = prometheusFailure(new Failure('unreachable', 'unreachable', 'no node answers'));
    expect(text).toContain('vmqctl_cluster_reachable 0');
    expect(text).toContain('vmqctl_cluster_status 2');
  });
});

it('a change is one line, whatever a broker put into it', () => {
  const change = { kind: 'check', name: 'views', before: 'ok', now: 'critical', text: 'a\nb' } as const;
  expect(changeText(change, new Date(0))).toMatch(
    /^1970-01-01T00:00:00\.000Z check views: ok -> critical: a.*b\n$/,
  );
});
