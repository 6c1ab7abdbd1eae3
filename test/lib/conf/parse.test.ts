import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Element, parseConf, renderConf } from '../../../src/lib/conf/parse.js';
import { BROKER_VERSIONS, goldenFile } from '../../support/golden.js';

/**
 * What cuttlefish made of a text: its settings in their order, or the line it gave up at. 2.1.2 with its own 3.4.0; 2.2.0, which
 * pins 3.9.1, with the main branch of April 2026.
 */
type Recorded = readonly (readonly [key: string, value: string])[] | { readonly brokenLine: number };
type Row = { readonly text: string } & Readonly<Record<'2.1.2' | '2.2.0', Recorded>>;
const rows = goldenFile('conf-texts.json') as readonly Row[];

const grammarOf = (version: string) => ({ tripleQuotes: version === '2.2.0' });

function asRecorded(elements: readonly Element[]): Recorded {
  const broken = elements.find(({ kind }) => kind === 'broken');
  if (broken) return { brokenLine: broken.line };
  return elements.flatMap((element) => {
    if (element.kind === 'include') return [['include', element.path] as const];
    return element.kind === 'setting' ? [[element.key, element.value] as const] : [];
  });
}

describe.each(BROKER_VERSIONS)('what the broker %s reads', (version) => {
  test.each(rows.map((row) => [JSON.stringify(row.text), row] as const))('of %s', (_, row) => {
    expect(asRecorded(parseConf(row.text, grammarOf(version)))).toEqual(row[version]);
  });
});

describe('a file that is taken apart', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      'a.b = 1',
      'include x',
      ' ',
      '\t',
      '#',
      "'",
      "'''",
      '"',
      '=',
      '\n',
      '\r\n',
      '\r',
      '\ufeff',
      'é',
      '\0',
    ],
  );
  const texts = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...rows.map(({ text }) => text)),
  );

  test.each([true, false])('is put together again byte for byte (tripleQuotes: %s)', (tripleQuotes) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(renderConf(parseConf(text, { tripleQuotes }))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('has every line numbered as an editor does', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let line = 1;
        for (const element of parseConf(text)) {
          expect(element.line).toBe(line);
          line += element.text.split('\n').length - 1;
        }
      }),
    );
  });

  test('tells where each value stands, so that it can be replaced', () => {
    const [setting] = parseConf("  a.b =  'x # y'  # why\r\n");
    expect(setting).toMatchObject({ kind: 'setting', key: 'a.b', value: 'x # y', quoting: 'single' });
    const [from, to] = setting?.kind === 'setting' ? setting.span : [0, 0];
    expect(setting?.text.slice(from, to)).toBe("'x # y'");
  });

  test('a value over several lines counts all of them', () => {
    expect(parseConf("a = 'x\ny'\nb\nc = 1").map(({ kind, line }) => [kind, line])).toEqual([
      ['setting', 1],
      ['broken', 3],
      ['setting', 4],
    ]);
  });

  test('a megabyte of blanks is no work', () => {
    const text = `a = ${' '.repeat(1024 * 1024)}x\n`;
    expect(renderConf(parseConf(text))).toBe(text);
  });
});
