import { describe, expect, it } from 'vitest';
import type { ReplyElement } from '../../../../src/lib/admin/rpc.js';
import { type Format, render } from '../../../../src/lib/cli/render.js';
import { replyView } from '../../../../src/lib/cli/views/forward.js';

const show = (format: Format, ...elements: ReplyElement[]) =>
  render(replyView(elements, format), format, false);
const TEXT: ReplyElement = { type: 'text', text: 'counter.a = 1\ncounter.b = 2\n' };
const TABLE: ReplyElement = {
  type: 'table',
  rows: [
    { Plugin: 'p', 'Hook(s)': 'one\ntwo\n', n: 5 },
    { Plugin: 'q', 'Hook(s)': null, more: true },
  ],
};

describe("a broker's answer", () => {
  it('in JSON is the document of vmq-admin --format=json', async () => {
    expect(JSON.parse(await show('json', TABLE))).toEqual({
      type: 'table',
      table: TABLE.type === 'table' && TABLE.rows,
    });
    expect(JSON.parse(await show('json', TEXT, TEXT))).toEqual([TEXT, TEXT]);
    expect(JSON.parse(await show('json', { type: 'alert', elements: [TEXT] }))).toEqual({
      type: 'alert',
      alert: [TEXT],
    });
  });

  it('has a line of text in each line', async () => {
    expect(await show('table', TEXT)).toBe('counter.a = 1\ncounter.b = 2\n');
    expect(await show('csv', TEXT)).toBe('text\r\ncounter.a = 1\r\ncounter.b = 2\r\n');
  });

  it('has all columns of all tables, and cells of several lines on one', async () => {
    expect(await show('csv', TABLE)).toBe('Plugin,Hook(s),n,more\r\np,"one, two",5,\r\nq,,,true\r\n');
    expect(await show('table', TABLE)).toContain('one, two');
  });

  it('without rows is no table, but an empty document', async () => {
    expect(await show('table', { type: 'table', rows: [] })).toBe('');
    expect(JSON.parse(await show('json', { type: 'table', rows: [] }))).toEqual({ type: 'table', table: [] });
  });

  it.each(['table', 'csv', 'json', 'yaml'] as const)('cannot steer the terminal: %s', async (format) => {
    const evil = '\u001b[2Jx';
    expect(
      await show(format, { type: 'text', text: evil }, { type: 'table', rows: [{ [evil]: 'x', a: evil }] }),
    ).not.toContain('\u001b');
  });
});
