import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { reportFailure } from '../../../src/lib/cli/base-command.js';
import { errorDocument, exitCodeOf, toFailure } from '../../../src/lib/cli/errors.js';
import { EXIT_CODES } from '../../../src/lib/cli/exit-codes.js';
import { refuseValues } from '../../../src/lib/cli/flag-shape.js';
import { printable } from '../../../src/lib/cli/printable.js';
import { ProgressLine } from '../../../src/lib/cli/progress.js';
import { render, renderCsv } from '../../../src/lib/cli/render.js';
import { colourWanted, processStreams, say, write } from '../../../src/lib/cli/streams.js';
import { cell, note } from '../../../src/lib/cli/view.js';
import { drawAsVmqAdmin } from '../../../src/lib/cli/views/node-view.js';
import { formatDuration, parseDuration } from '../../../src/lib/duration.js';
import { Failure } from '../../../src/lib/failure.js';

/** Streams that keep what is written; stdout may fail instead. */
function fakeStreams(failing?: Error) {
  const written: string[] = [];
  const stream = (error?: Error) =>
    ({
      write: (text: string, done: (error?: Error) => void) => {
        if (!error) written.push(text);
        done(error);
      },
    }) as unknown as NodeJS.WritableStream;
  return { streams: { ...processStreams({}), out: stream(failing), err: stream() }, written };
}

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

describe('what a broker or a record says', () => {
  const EVIL = 'a\u001b[2Jb\r\nc';
  const SHOWN = 'a\\u001b[2Jb\\u000d\\u000ac';
  const evil = {
    document: { EVIL },
    table: { columns: ['Node', 'State'], rows: [[EVIL, cell(EVIL, 'bad')]] },
    above: [note(EVIL)],
    below: [note(EVIL, 'dim')],
  };

  it('cannot steer the terminal, nor begin a line', async () => {
    const text = await render(evil, 'table', false);
    expect(text.split('\n')).toHaveLength(8);
    expect(text.match(/[^\n\P{Cc}]/u)).toBeNull();
    expect(text.split(SHOWN)).toHaveLength(5);
  });

  it('is exact in every other format', async () => {
    expect(JSON.parse(await render(evil, 'json', false))).toEqual({ EVIL });
    expect(await render(evil, 'csv', false)).toBe(`Node,State\r\n"${EVIL}","${EVIL}"\r\n`);
    expect(load(await render(evil, 'yaml', false))).toEqual({ EVIL });
  });

  it('is not escaped twice', () => {
    expect(printable(printable(EVIL))).toBe(SHOWN);
  });

  it('is harmless in a failure and on a progress line', async () => {
    const { streams, written } = fakeStreams();
    await reportFailure(new Failure('failed', 'c', EVIL, { hint: EVIL }), 'table', streams);
    expect(written.splice(0)).toEqual([`error: ${SHOWN}\n`, `hint: ${SHOWN}\n`]);
    await new ProgressLine(streams.err, true).update(EVIL);
    await new ProgressLine(streams.err, false).update(EVIL);
    expect(written).toEqual([`\r\u001b[2K${SHOWN}`, `${SHOWN}\n`]);
  });

  it("is harmless in vmq-admin's own table", () => {
    expect(drawAsVmqAdmin([{ Node: EVIL, Running: true }], false)).toContain(`| ${SHOWN} |`);
  });
});

describe('a stream that takes nothing more', () => {
  const enospc = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });

  it('makes a result a failure, and a remark nothing', async () => {
    const { streams } = fakeStreams(enospc);
    await expect(write(streams.out, 'x')).rejects.toMatchObject({
      kind: 'unknown',
      message: 'cannot write the result: ENOSPC',
    });
    await expect(say(streams.out, 'x')).resolves.toBeUndefined();
  });

  it('because its reader has gone is no failure', async () => {
    const { streams } = fakeStreams(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    await expect(write(streams.out, 'x')).resolves.toBeUndefined();
  });

  it('does not hide the failure that was to be its document', async () => {
    const { streams, written } = fakeStreams(enospc);
    expect(await reportFailure(new Failure('data', 'c', 'broken'), 'json', streams)).toBe(65);
    expect(written).toEqual(['error: broken\n']);
  });
});

describe('a flag that is on or off', () => {
  const flags = { yes: { type: 'boolean', char: 'y' }, on: { type: 'option', char: 'o' } } as const;

  it.each([[['-y=false']], [['--yes=']], [['-o', 'x', '--yes=true']]])('takes no value: %j', (argv) => {
    expect(() => refuseValues(argv, flags)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringMatching(/^-.* takes no value$/) }),
    );
  });

  it.each([[['-y', '-o=x', '--on=y']], [['--on', '-y=false']], [['--', '-y=false']], [['--constructor=x']]])(
    'is not seen in %j',
    (argv) => {
      expect(() => refuseValues(argv, flags)).not.toThrow();
    },
  );
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
