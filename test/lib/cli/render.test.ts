import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorDocument, exitCodeOf, toFailure } from '../../../src/lib/cli/errors.js';
import { EXIT_CODES } from '../../../src/lib/cli/exit-codes.js';
import { ProgressLine } from '../../../src/lib/cli/progress.js';
import { render, renderCsv } from '../../../src/lib/cli/render.js';
import { colourWanted } from '../../../src/lib/cli/streams.js';
import { cell, note } from '../../../src/lib/cli/view.js';
import { formatDuration, parseDuration } from '../../../src/lib/duration.js';
import { Failure } from '../../../src/lib/failure.js';

const view = {
  document: { a: 1, list: ['x'] },
  table: { columns: ['Name', 'State'], rows: [['one', cell('down', 'bad')]] },
  below: [note('all is lost', 'bad')],
};

describe('one view', () => {
  it('is a table with its notes', async () => {
    expect(await render(view, 'table', false)).toBe(
      '┌──────┬───────┐\n│ Name │ State │\n├──────┼───────┤\n│ one  │ down  │\n└──────┴───────┘\nall is lost\n',
    );
  });

  it('has colour only where it is wanted', async () => {
    expect(await render(view, 'table', true)).toContain('\u001b[31mdown\u001b[39m');
    expect(await render(view, 'csv', true)).not.toContain('\u001b');
  });

  it('is JSON, YAML or CSV', async () => {
    expect(JSON.parse(await render(view, 'json', false))).toEqual(view.document);
    expect(await render(view, 'yaml', false)).toBe('a: 1\nlist:\n  - x\n');
    expect(await render(view, 'csv', false)).toBe('Name,State\r\none,down\r\n');
  });

  it('keeps any text whole in CSV', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (cells) => {
        const [, line = ''] =
          /^[^\n]*\r\n([\s\S]*)\r\n$/.exec(renderCsv({ columns: cells.map(() => 'c'), rows: [cells] })) ?? [];
        const read = [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/gs)].map(
          ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
        );
        expect(read).toEqual(cells);
      }),
    );
  });
});

describe('colour', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('on a terminal: %s, with %j: %s', (isTerminal, environment, expected) => {
    expect(colourWanted(isTerminal, environment)).toBe(expected);
  });
});

describe('a failure', () => {
  it('has an exit code of its own kind', () => {
    for (const [kind, code] of Object.entries(EXIT_CODES)) {
      expect(exitCodeOf(new Failure(kind as keyof typeof EXIT_CODES, 'c', 'm'))).toBe(code);
    }
  });

  it('that nobody expected is a bug, told in one line', () => {
    const failure = toFailure(new TypeError('x is not a function\n at y'));
    expect(errorDocument(failure).error).toMatchObject({
      code: 'bug',
      message: 'unexpected: x is not a function',
      exitCode: 70,
    });
  });
});

describe('a progress line', () => {
  const shown = async (isTerminal: boolean) => {
    const written: string[] = [];
    const stream = {
      write: (text: string, done: () => void) => {
        written.push(text);
        done();
      },
    };
    const line = new ProgressLine(stream as unknown as NodeJS.WritableStream, isTerminal);
    for (const [live, steady] of [
      ['1 s a', 'a'],
      ['2 s a', 'a'],
      ['3 s b', 'b'],
    ] as const)
      await line.update(live, steady);
    await line.end();
    return written.join('');
  };

  it('is one line per change where it cannot be redrawn', async () => {
    expect(await shown(false)).toBe('a\nb\n');
  });

  it('is redrawn in place on a terminal', async () => {
    expect(await shown(true)).toBe('\r\u001b[2K1 s a\r\u001b[2K2 s a\r\u001b[2K3 s b\n');
  });
});

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['5', 5000],
    ['1.5s', 1500],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
  ])('%s is %i ms', (text, expected) => {
    expect(parseDuration(text, '--wait')).toBe(expected);
  });

  it.each(['', '0', '-1s', '5 parsecs', '1e9h', 'NaN'])('is not %j', (text) => {
    expect(() => parseDuration(text, '--wait')).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'bad_duration' }),
    );
  });

  it('is shown for people', () => {
    expect([formatDuration(4200), formatDuration(200_000)]).toEqual(['4.2 s', '3 min 20 s']);
  });
});
