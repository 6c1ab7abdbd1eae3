import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame } from '../../../../src/lib/cli/live/frame.js';
import { ASCII, type Glyphs, UNICODE } from '../../../../src/lib/cli/live/glyphs.js';
import { displayWidth } from '../../../../src/lib/cli/printable.js';
import type { Problem } from '../../../../src/lib/cluster/problems/problem.js';
import { Failure } from '../../../../src/lib/failure.js';
import { stateOf } from './states.js';

const problem: Problem = {
  code: 'ghost',
  severity: 'error',
  message: 'sim3@127.0.0.1 is a member and nobody reaches it: while that lasts, CONNECT is refused',
  hint: 'Start it again; or, if gone for good, take it out: vmqctl cluster leave node=sim3@127.0.0.1.',
  nodes: ['sim3@127.0.0.1'],
};

const shown = (
  state: Parameters<typeof frame>[0],
  width: number,
  height: number,
  glyphs: Glyphs = UNICODE,
): string[] =>
  frame(state, { width, height }, glyphs, 'q quits').map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );

const sick = (nodes: Parameters<typeof stateOf>[0]) => {
  const state = stateOf(nodes);
  return { ...state, report: { ...state.report, healthy: false, problems: [problem] } };
};

describe('a frame', () => {
  it('shows nodes, sessions, rates with their past, and what is queued', () => {
    const state = stateOf([
      { name: 'sim1@127.0.0.1', online: 120, in: 1234.4, past: [0, 500, 1000], queued: 12_345 },
      { name: 'sim2@127.0.0.1', online: 3, in: 0, past: [null, 0, 0] },
    ]);
    const time = new Date(state.at).toTimeString().slice(0, 8);
    expect(shown(state, 80, 12)).toEqual([
      `healthy, 2 nodes${' '.repeat(80 - 16 - 17)}${time}  q quits`,
      '123 online   0 offline   1234 in/s   ? out/s   12.3k queued',
      '',
      'NODE             RUNS  ONLINE  OFFLINE   IN/s        OUT/s        QUEUED',
      'sim1@127.0.0.1    yes     120        0   1234   ▁▄█      ?         12.3k',
      'sim2@127.0.0.1    yes       3        0      0    ▁▁      ?             0',
      '',
    ]);
  });

  it('tells a gap from nothing, and a little from nothing', () => {
    const [row = ''] = shown(stateOf([{ name: 'a@h', past: [null, 0, 1, 1000], in: 1 }]), 100, 10).slice(4);
    expect(row).toMatch(/ ▁▂█/);
    const [ascii = ''] = shown(stateOf([{ name: 'a@h', past: [0, 500, 1000] }]), 100, 10, ASCII).slice(4);
    expect(ascii).toContain('.=@');
  });

  it('is plain ASCII where the terminal shows nothing else', () => {
    const name = `VerneMQ@${'x'.repeat(120)}`;
    const text = shown(sick([{ name, past: [1, 2, 3] }]), 60, 9, ASCII).join('');
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(text).toContain('~');
  });

  it('tells long names apart by both of their ends, without what all have in common', () => {
    const names = ['vernemq-0', 'vernemq-1'].map(
      (pod) => `VerneMQ@${pod}.vernemq.production.svc.cluster.local`,
    );
    const rows = shown(stateOf(names.map((name) => ({ name }))), 70, 10).slice(4, 6);
    expect(rows[0]).toMatch(/^vernemq-0\.ve…\S*\.local +yes/);
    expect(rows[1]).toMatch(/^vernemq-1\.ve…\S*\.local +yes/);
  });

  it('gives up columns before names where it is narrow', () => {
    const [title = '', row = ''] = shown(stateOf([{ name: 'VerneMQ@172.16.16.13' }]), 30, 10).slice(3, 5);
    expect(title).toMatch(/^NODE +RUNS +ONLINE$/);
    expect(row).toContain('172.16.16.13');
  });

  it('shows nodes in trouble first where not all have room, and how many it leaves out', () => {
    const nodes = Array.from({ length: 40 }, (_, index) => ({
      name: `node${index}@h`,
      running: index === 33 ? ('no' as const) : ('yes' as const),
    }));
    const lines = shown(sick(nodes), 100, 16);
    expect(lines).toHaveLength(16);
    expect(lines[4]).toMatch(/^node33@h +no/);
    expect(lines.join('\n')).toMatch(/… \d+ more nodes/);
    expect(lines.join('\n')).toContain('error: sim3@127.0.0.1 is a member');
  });

  it('explains problems with their cure, broken at blanks', () => {
    const lines = shown(sick([{ name: 'a@h' }]), 60, 20).slice(6);
    expect(lines[0]).toBe('error: sim3@127.0.0.1 is a member and nobody reaches it:');
    expect(lines[1]).toBe('while that lasts, CONNECT is refused');
    expect(lines[2]).toMatch(/^ {2}-> Start it again;/);
    expect(lines[3]).toMatch(/^ {5}\S/);
  });

  it('says since when nobody answers', () => {
    const silence = new Failure('unreachable', 'unreachable', 'no node answers: http://h: refused', {
      hint: 'Look.',
    });
    const lines = shown(stateOf([{ name: 'a@h' }], { silence }), 80, 12);
    expect(lines[0]).toMatch(/^no node answers since \d\d:\d\d:\d\d +q quits$/);
    expect(lines.slice(6)).toEqual(['no node answers: http://h: refused', '  -> Look.']);
  });

  it('never obeys what a name or a message says to a terminal', () => {
    const state = sick([{ name: 'evil\u001b[2J@h' }]);
    const evil = { ...problem, message: 'a\u001b]0;title\u0007b\nc' };
    const text = shown({ ...state, report: { ...state.report, problems: [evil] } }, 120, 12).join('');
    expect(text).not.toMatch(/\p{Cc}/u);
  });

  it('fits every terminal, however small', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 130 }),
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(UNICODE, ASCII),
        (names, width, height, glyphs) => {
          const nodes = names.map((name, index) => ({ name, past: [index, null, 5], in: index }));
          const lines = frame(sick(nodes), { width, height }, glyphs, 'q quits');
          expect(lines.length).toBeLessThanOrEqual(height);
          for (const line of lines)
            expect(displayWidth(line.map(({ text }) => text).join(''))).toBeLessThanOrEqual(width);
          if (width > 0 && height > 0) expect(lines.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
