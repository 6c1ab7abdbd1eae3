import { describe, expect, it } from 'vitest';
import { render } from '../../../src/lib/cli/render.js';
import { drawAsVmqAdmin, nodeView } from '../../../src/lib/cli/views/node-view.js';
import { BROKER_VERSIONS, goldenFile } from '../../support/golden.js';

interface CliRow {
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly exitCode: number;
}

/** The rows that `vmq-admin` has drawn. */
const rowsOf = (drawn: string) =>
  [...drawn.matchAll(/^\| (\S+@\S+) +\| (true|false) +\|$/gm)].map(([, Node = '', running]) => ({
    Node,
    Running: running === 'true',
  }));

describe.each(BROKER_VERSIONS)('what vmq-admin %s printed for cluster show', (version) => {
  const recorded = (goldenFile(`cli-${version}.json`) as CliRow[]).filter(
    ({ argv, exitCode }) => exitCode === 0 && argv.slice(1, 3).join(' ') === 'cluster show',
  );
  const withArguments = (...more: string[]) =>
    recorded.filter(({ argv }) => argv.slice(3).join() === more.join()).map(({ stdout }) => stdout);

  it('is drawn again to the byte', () => {
    const drawings = withArguments();
    expect(drawings.length).toBeGreaterThan(5);
    for (const drawn of drawings) expect(drawAsVmqAdmin(rowsOf(drawn), true)).toBe(drawn);
  });

  it('is the same as CSV and as JSON', async () => {
    const [csv] = withArguments('--format=csv');
    const rows = (csv ?? '')
      .split('\r\n')
      .slice(1, -1)
      .map((line) => ({ Node: line.split(',')[0] ?? '', Running: line.endsWith('true') }));
    expect(await render(nodeView(rows), 'csv', false)).toBe(csv);
    const [json] = withArguments('--format=json');
    expect(nodeView(JSON.parse(json ?? '').table).document).toEqual(JSON.parse(json ?? ''));
  });
});
