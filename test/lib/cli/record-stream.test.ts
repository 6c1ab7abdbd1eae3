import { Writable } from 'node:stream';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { RecordShape } from '../../../src/lib/cli/record-shape.js';
import { openRecordStream } from '../../../src/lib/cli/record-stream.js';
import type { Format } from '../../../src/lib/cli/render.js';
import { cell } from '../../../src/lib/cli/view.js';
import { Failure } from '../../../src/lib/failure.js';

interface Item {
  readonly name: string;
}

const SHAPE: RecordShape<Item> = {
  columns: ['Name', 'Tone'],
  row: ({ name }) => [name, cell('ok', 'good')],
  csvColumns: ['name'],
  csvRow: ({ name }) => [name],
  schema: 'test.list/1',
  member: 'items',
  entry: ({ name }) => ({ name }),
};

function sink() {
  let text = '';
  const out = new Writable({
    write: (chunk, _, done) => {
      text += chunk;
      done();
    },
  });
  return { out, text: () => text };
}

async function draw(format: Format, pages: string[][], failure?: Failure) {
  const { out, text } = sink();
  const streams = {
    out,
    err: out,
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    colourOut: false,
    colourErr: false,
  };
  const stream = await openRecordStream(SHAPE, format, streams);
  for (const page of pages) await stream.write(page.map((name) => ({ name })));
  const told = failure ? await stream.fail(failure) : await stream.end({ count: pages.flat().length });
  return { text: text(), told };
}

const FAILURE = new Failure('unreachable', 'gone', 'it went away', { hint: 'Look.' });

describe.each([
  ['no', []],
  ['no items in its only', [[]]],
  ['one', [['a', 'b']]],
  ['three, one of them empty,', [['a'], [], ['b\n"c', 'é,日本']]],
])('a list of %s page(s)', (_, pages: string[][]) => {
  const items = pages.flat().map((name) => ({ name }));

  it('is one JSON document', async () => {
    const { text } = await draw('json', pages);
    expect(JSON.parse(text)).toEqual({ schema: 'test.list/1', items, count: items.length });
  });

  it('is one YAML document', async () => {
    const { text } = await draw('yaml', pages);
    expect(load(text)).toEqual({ schema: 'test.list/1', items, count: items.length });
  });

  it('is CSV with one header', async () => {
    const { text } = await draw('csv', pages);
    const rows = items.map(({ name }) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name));
    expect(text).toBe(['name', ...rows, ''].join('\r\n'));
  });

  it('is a table with one frame', async () => {
    const { text } = await draw('table', pages);
    expect(text.match(/┌/g)).toHaveLength(1);
    expect(text.match(/└/g)).toHaveLength(1);
    expect(text.split('\n')).toHaveLength(items.length + 5);
  });
});

describe('a table', () => {
  it('keeps the widths of its first page, cuts nothing, and obeys no control character', async () => {
    const { text } = await draw('table', [
      ['ab', '日'],
      ['abcdefgh', '\u001b[31m'],
    ]);
    expect(text).toBe(
      [
        '┌──────┬──────┐',
        '│ Name │ Tone │',
        '├──────┼──────┤',
        '│ ab   │ ok   │',
        '│ 日   │ ok   │',
        '│ abcdefgh │ ok   │',
        '│ \\u001b[31m │ ok   │',
        '└──────┴──────┘',
        '',
      ].join('\n'),
    );
  });
});

describe('a failure', () => {
  it('in the middle becomes part of the JSON document', async () => {
    const { text, told } = await draw('json', [['a']], FAILURE);
    expect(JSON.parse(text)).toEqual({
      schema: 'test.list/1',
      items: [{ name: 'a' }],
      error: { code: 'gone', message: 'it went away', hint: 'Look.', exitCode: 69 },
    });
    expect(told).toBe(true);
  });

  it.each(['table', 'csv', 'yaml'] as const)('in the middle of %s is still to be told', async (format) => {
    const { text, told } = await draw(format, [['a']], FAILURE);
    expect(told).toBe(false);
    if (format === 'yaml')
      expect(load(text)).toMatchObject({ items: [{ name: 'a' }], error: { code: 'gone' } });
  });

  it.each(['table', 'csv', 'yaml', 'json'] as const)(
    'before anything was written leaves %s empty',
    async (format) => {
      expect(await draw(format, [], FAILURE)).toEqual({ text: '', told: false });
    },
  );
});

describe('a reader that goes away', () => {
  it('is noticed', async () => {
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const out = new Writable({ write: (_chunk, _encoding, done) => done(gone), autoDestroy: false });
    const streams = {
      out,
      err: out,
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      colourOut: false,
      colourErr: false,
    };
    const stream = await openRecordStream(SHAPE, 'csv', streams);
    expect(stream.abandoned).toBe(false);
    await stream.write([{ name: 'a' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.abandoned).toBe(true);
  });
});

describe('a table on a terminal', () => {
  const drawn = async (pages: string[][], outWidth: number | undefined) => {
    const { out, text } = sink();
    const streams = {
      out,
      err: out,
      outIsTerminal: true,
      errIsTerminal: false,
      inIsTerminal: false,
      colourOut: false,
      colourErr: false,
      outWidth,
    };
    const stream = await openRecordStream(SHAPE, 'table', streams);
    for (const page of pages) await stream.write(page.map((name) => ({ name })));
    await stream.end();
    return text();
  };

  it('fits it: cells that are too long end with an ellipsis', async () => {
    expect(await drawn([['x'.repeat(30)], ['日本日本日本日本', 'a']], 20)).toBe(
      [
        '┌───────────┬──────┐',
        '│ Name      │ Tone │',
        '├───────────┼──────┤',
        '│ xxxxxxxx… │ ok   │',
        '│ 日本日本… │ ok   │',
        '│ a         │ ok   │',
        '└───────────┴──────┘',
        '',
      ].join('\n'),
    );
  });

  it('fits it with emoji, of which the old ones are wide, too', async () => {
    const lines = (await drawn([['✅✅✅✅✅✅✅✅']], 20)).split('\n');
    expect(lines[3]).toBe('│ ✅✅✅✅… │ ok   │');
  });

  it('gives a cell that comes later what its line has left', async () => {
    const lines = (await drawn([['a'], ['b'.repeat(40), 'c'.repeat(12)]], 30)).split('\n');
    expect(lines.slice(4, 6)).toEqual([`│ ${'b'.repeat(18)}… │ ok   │`, `│ ${'c'.repeat(12)} │ ok   │`]);
  });

  it('is whole where nobody knows how wide that is', async () => {
    expect(await drawn([['x'.repeat(500)]], undefined)).toContain('x'.repeat(500));
  });
});
