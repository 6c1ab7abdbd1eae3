import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMAT_NAMES, openFormat } from '../../../../../src/lib/acl/bulk/formats/format.js';
import { BEGINNING, LONGEST_LINE } from '../../../../../src/lib/acl/bulk/lines.js';
import { Failure } from '../../../../../src/lib/failure.js';
import { formatOf, inputOf, readAll } from './input.js';

const CSV = 'client_id,username,password,publish_acl\n';

describe('the format of an input', () => {
  it.each([
    ['users.csv', 'client_id,username,password\nc,u,p\n'],
    ['users.YML', '- {client_id: c, username: u, password: p}\n'],
    ['users.txt', '{"client_id":"c","username":"u","password":"p"}\n'],
  ])('is told by the name: %s', async (name, text) => {
    const { told } = await readAll(await openFormat(name, {}, {}), inputOf(text));
    expect(told).toEqual([expect.stringMatching(/^\d \["","c","u"\]$/)]);
  });
});

describe.each(FORMAT_NAMES)('a reader of %s', (name) => {
  const part = fc.constantFrom(
    ...[
      '"',
      '""',
      ',',
      '\n',
      '\r\n',
      'c',
      'u:p',
      '- ',
      '-',
      '\n- ',
      '---\n',
      ': ',
      ' ',
      '&a ',
      '*a',
      '!!x ',
      '{',
      '}',
    ],
    ...[
      '[',
      ']',
      '|\n',
      '\t',
      '#',
      '%',
      '\u{feff}',
      'ä',
      '😀',
      'client_id',
      '- client_id: c\n  username: u\n',
      '\0',
    ],
    ...[
      'c,u,p,\n',
      '"a\nb",u,p,"x;y"\n',
      '{"client_id":"c","username":"u"}\n',
      'u:$6$a$b\n',
      '\\',
      "'",
      '\u2028',
    ],
  );
  const anyText = fc.array(part, { maxLength: 40 }).map((parts) => Buffer.from(parts.join('')));
  const anyBytes = fc.oneof(
    { weight: 4, arbitrary: anyText },
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  const begin = (bytes: Buffer) => (name === 'csv' ? Buffer.concat([Buffer.from(CSV), bytes]) : bytes);
  const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 });

  it('reads any bytes alike however they come in pieces, with lines and positions that add up', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, lengths, async (bytes, pieces) => {
        const content = begin(bytes);
        if ([0xfffe, 0xfeff].includes(content.length > 1 ? content.readUInt16BE(0) : 0)) return;
        const whole = await readAll(await formatOf(name), inputOf(content));
        const cut = await readAll(await formatOf(name), inputOf(content, pieces));
        if (name !== 'yaml') expect(cut.told).toEqual(whole.told);
        let at = BEGINNING;
        for (const { start, end, texts } of cut.batches) {
          expect(start).toEqual(at);
          expect(end.line).toBe(start.line + texts.length);
          at = end;
        }
        expect(at.bytes).toBe(content.length);
      }),
      { numRuns: 400 },
    );
  });

  it('reads on from wherever a batch ends', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, lengths, async (bytes, pieces) => {
        const content = begin(bytes);
        const { batches, told } = await readAll(await formatOf(name), inputOf(content, pieces));
        for (const { end } of batches) {
          const rest = await readAll(await formatOf(name), inputOf(content), end);
          const before = told.filter((text) => Number.parseInt(text, 10) < end.line);
          if (name !== 'yaml') expect([...before, ...rest.told]).toEqual(told);
          expect(rest.batches.at(-1)?.end ?? end).toEqual(batches.at(-1)?.end);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('never shows a password', async () => {
    const secret = 's3cr3t';
    const around = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(around, around, async (before, after) => {
        const text = `${before}password${after}${secret}`;
        const told = await readAll(await formatOf(name), inputOf(begin(Buffer.from(text)))).then(
          (all) => all.told,
          (thrown) => {
            if (thrown instanceof Failure) return [thrown.message];
            throw thrown;
          },
        );
        const whys = told.filter((line) => /^\d+: /.test(line));
        expect(whys.filter((why) => why.includes(secret))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

describe('what is too long for a record', () => {
  const long = 'x'.repeat(100);
  const lines = (prefix: string) =>
    `${prefix}${long}\n`.repeat(Math.ceil((2 * LONGEST_LINE) / (long.length + prefix.length + 1)));

  it('is not held in memory, and what follows is read: YAML', async () => {
    const text = `- client_id: a\n  username: u\n  password: p\n- client_id: >\n${lines('    ')}- {client_id: b, username: u, password: p}\n`;
    const { told } = await readAll(await formatOf('yaml'), inputOf(text, Array(40).fill(65_536)));
    expect(told[0]).toBe('1 ["","a","u"]');
    expect(told[1]).toBe('4: it is longer than 1048576 bytes');
    expect(told.at(-1)).toMatch(/^\d+ \["","b","u"\]$/);
    expect(told.slice(2, -1).every((why) => why.includes('it belongs to no item'))).toBe(true);
    expect(told.length).toBeLessThan(40);
  });

  it('is not held in memory, and what follows is read: CSV', async () => {
    const text = `${CSV}a,u,p,\n"b,u,p,\n${'c,u,p,\n'.repeat(160_000)}`;
    const { told } = await readAll(await formatOf('csv'), inputOf(text, Array(40).fill(65_536)));
    expect(told.slice(0, 3)).toEqual([
      '2 ["","a","u"]',
      '3: a quoted cell of it does not end',
      '4 ["","c","u"]',
    ]);
    expect(told.length).toBe(160_002);
  });
});
