import { describe, expect, it } from 'vitest';
import { parseCliOutput } from '../../../../src/lib/admin/cli/output.js';
import type { ReplyElement, Row } from '../../../../src/lib/admin/rpc.js';
import { BROKER_VERSIONS } from '../../../support/golden.js';
import { cliRows } from './recorded.js';

const rowsOf = (elements: readonly ReplyElement[]): readonly Row[] =>
  elements.flatMap((element) => (element.type === 'table' ? element.rows : []));

const trimmed = (rows: readonly Row[]) =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, typeof value === 'string' ? value.trimEnd() : value]),
    ),
  );

/** The order of rows and columns is the broker's whim. */
const sorted = (rows: readonly Row[]) =>
  trimmed(rows)
    .map((row) => JSON.stringify(Object.entries(row).sort()))
    .sort();

describe.each(BROKER_VERSIONS)('a table drawn by VerneMQ %s for people', (version) => {
  const rows = cliRows(version);
  const pairs = rows.flatMap((human) => {
    const json = rows.find(({ id }) => id === `${human.id}.json` || id === `${human.id}=json`);
    return json && human.stdout.startsWith('+') ? [[human.id, human.stdout, json.stdout] as const] : [];
  });

  it('is there to be compared', () => expect(pairs.length).toBeGreaterThan(15));

  it.each(pairs)('has the values of the JSON of the same command: %s', (_id, human, json) => {
    const [drawn, document] = [parseCliOutput(human).elements, parseCliOutput(json).elements];
    expect(sorted(rowsOf(drawn))).toEqual(sorted(rowsOf(document)));
  });
});

describe('what a command writes before its result', () => {
  const PROGRESS =
    'Migrated 0/600 queues and 0/12000 messages\nMigrated 600/600 queues and 12000/12000 messages\n';
  const STREAMED = PROGRESS.trim().split('\n');

  it('is kept apart from text', () => {
    expect(parseCliOutput(`${PROGRESS}Done\n`)).toEqual({
      streamed: STREAMED,
      elements: [{ type: 'text', text: 'Done' }],
    });
  });

  it('is kept apart from a JSON document', () => {
    expect(parseCliOutput(`${PROGRESS}{"text":"Done","type":"text"}`)).toEqual({
      streamed: STREAMED,
      elements: [{ type: 'text', text: 'Done' }],
    });
  });

  it('may be reports of the logger, before, between and behind', () => {
    const { elements } = parseCliOutput(
      [
        '=ERROR REPORT==== 22-Nov-2026::10:11:52.810197 ===',
        "You've tried to set bogus, but there is no setting with that name.",
        '=ERROR REPORT==== 22-Nov-2026::10:11:52.810308 ===',
        '  Did you mean one of these?',
        'Unknown variable: bogus',
        '=WARNING REPORT==== 22-Nov-2026::10:11:52.810308 ===',
        'something {else,',
        '           indented}',
      ].join('\n'),
    );
    expect(elements).toEqual([
      { type: 'alert', elements: [{ type: 'text', text: 'Unknown variable: bogus' }] },
    ]);
  });
});

describe('a drawn table', () => {
  const draw = (...lines: string[]) => rowsOf(parseCliOutput(`${lines.join('\n')}\n`).elements);
  const RULE = '+-----------+-------+';

  it('may have a | in a cell', () => {
    expect(draw(RULE, '| client_id | user  |', RULE, '| a|b       | u | 1 |', RULE)).toEqual([
      { client_id: 'a|b', user: 'u | 1' },
    ]);
  });

  it('keeps names that look like numbers or truths, and tells numbers and truths elsewhere', () => {
    expect(
      draw(
        '+-----------+---------+',
        '| client_id | Running |',
        '+-----------+---------+',
        '| 1528      | true    |',
        '+-----------+---------+',
      ),
    ).toEqual([{ client_id: '1528', Running: true }]);
  });

  it('has cells of several lines as one row', () => {
    expect(
      draw(RULE, '| Plugin    | Hooks |', RULE, '| p         | a     |', '|           | b     |', RULE),
    ).toEqual([{ Plugin: 'p', Hooks: 'a\nb' }]);
  });

  it('stands apart from the next one', () => {
    const one = ['+--------+', '| script |', '+--------+', '| a.lua  |', '+--------+'];
    const two = ['+----------+', '| script   |', '+----------+', '| bb.lua   |', '+----------+'];
    expect(parseCliOutput([...one, ...two, ''].join('\n')).elements).toEqual([
      { type: 'table', rows: [{ script: 'a.lua' }] },
      { type: 'table', rows: [{ script: 'bb.lua' }] },
    ]);
  });

  it('without padding has a row in each line', () => {
    expect(
      draw(
        '+----+-------+',
        '|Node|Running|',
        '+----+-------+',
        '|a@b | true  |',
        '|c@d | false |',
        '+----+-------+',
      ),
    ).toEqual([
      { Node: 'a@b', Running: true },
      { Node: 'c@d', Running: false },
    ]);
  });

  it('that is cut off is no reason to fail', () => {
    expect(draw(RULE, '| client_id | us')).toEqual([]);
  });
});

describe('escape sequences', () => {
  it('never come through', () => {
    expect(parseCliOutput('\u001b[1mDone\u001b[0m\u001b[2K\n').elements).toEqual([
      { type: 'text', text: 'Done' },
    ]);
  });
});
