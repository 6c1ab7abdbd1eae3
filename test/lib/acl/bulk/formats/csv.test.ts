import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCells } from '../../../../../src/lib/acl/bulk/formats/csv-cells.js';
import { renderCsv } from '../../../../../src/lib/cli/render.js';
import { formatOf, inputOf, readAll } from './input.js';

const read = async (text: string) => (await readAll(await formatOf('csv'), inputOf(text))).told;
const HEADER = 'client_id,username,password,publish_acl';

/** The patterns of the list of the only row. */
async function patterns(cell: string) {
  const format = await formatOf('csv');
  const read = await format.reader();
  const row = renderCsv({ columns: HEADER.split(','), rows: [['c', 'u', 'p', cell]] });
  for await (const { texts } of format.open(inputOf(row), { bytes: 0, line: 1 })) {
    const [reading] = texts.flatMap((text) => read(text) ?? []);
    if (reading) return reading.ok ? JSON.parse(reading.row.lists.publish) : reading.why;
  }
}

describe('a row of CSV', () => {
  it('has its cells to the byte, whatever stands in them', () => {
    const cell = fc
      .array(fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n', '=', ' ', 'ä'))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
        const text = renderCsv({ columns: cells, rows: [] });
        expect(readCells(text.slice(0, -2))).toEqual(cells);
      }),
    );
  });

  it('is known by its first line where a cell of it has several', async () => {
    const text = `${HEADER}\r\n"a\r\nb","u\n\n""v""",p,\r\n\r\nc,u,p,\r\n`;
    expect(await read(text)).toEqual(['2 ["","a\\r\\nb","u\\n\\n\\"v\\""]', '7 ["","c","u"]']);
  });

  it.each([
    ['a"b,u,p,', /quote where none may be/],
    ['"a"b,u,p,', /quote where none may be/],
    ['"a,u,p,', /does not end/],
    ['a,u,p', /it has 3 cells, and the header names 4 columns/],
    ['a,u,p,,', /it has 5 cells/],
    [',u,p,', /the client id is empty/],
    ['a,u,p,a/#/b', /publish_acl\[0\]\.pattern has a #/],
    ['a,u,p,[', /publish_acl is not JSON/],
    ['a,u,p,"{""pattern"":""a""}"', /written as a list/],
  ])('that is broken is told, and the ones around it are read: %s', async (row, why) => {
    const told = await read(`${HEADER}\nx,u,p,\n${row}\ny,u,"p",\n`);
    expect(told).toEqual(['2 ["","x","u"]', expect.stringMatching(why), '4 ["","y","u"]']);
    expect(told[1]).toMatch(/^3: /);
  });

  it.each([
    ['', []],
    ['a/b', [{ pattern: 'a/b' }]],
    ['a; b/#\nc;', [{ pattern: 'a' }, { pattern: 'b/#' }, { pattern: 'c' }]],
    ['[" a;b ",{"pattern":"c","max_qos":1}]', [{ pattern: ' a;b ' }, { pattern: 'c', max_qos: 1 }]],
    ['=1+1', 'publish_acl[0].pattern has a + within a level: "=1+1"'],
    ['-a', [{ pattern: '-a' }]],
  ])('has a list %j', async (cell, list) => {
    expect(await patterns(cell)).toEqual(list);
  });

  it.each([
    ['', 'there is none'],
    ['a b\n', 'column 1 is none of them'],
    ['client_id,user_name\n', 'column 2 is none of them; did you mean username?'],
    ['client_id;username\n', 'column 1 is none of them'],
    ['client_id,username,username\n', 'username is there twice'],
    ['username\n', 'client_id is missing'],
    ['"client_id\n', 'a quoted cell of it does not end'],
  ])('needs a header: %j', async (text, why) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'bad_header',
      message: `the first row does not name the columns: ${why}`,
    });
  });
});
