import { describe, expect, it } from 'vitest';
import { ASCII, glyphsFor, UNICODE } from '../../../../src/lib/cli/live/glyphs.js';
import { Screen } from '../../../../src/lib/cli/live/screen.js';
import { cell } from '../../../../src/lib/cli/view.js';

function terminal(columns?: number, rows?: number) {
  const writes: string[] = [];
  const output = { columns, rows, write: (text: string) => writes.push(text) > 0 };
  return { writes, screen: new Screen(output, (text) => text) };
}

describe('a screen', () => {
  it('writes each frame in one piece', () => {
    const { writes, screen } = terminal(10, 4);
    screen.enter();
    screen.draw([[cell('one'), cell('two')], [cell('three')]]);
    expect(writes.slice(1)).toEqual(['\u001b[1;1Honetwo\u001b[K\u001b[2;1Hthree\u001b[K\u001b[3;1H\u001b[J']);
  });

  it('does not clear behind the last column, nor below the last line', () => {
    const { writes, screen } = terminal(5, 1);
    screen.enter();
    screen.draw([[cell('12345')]], { anew: true });
    expect(writes[1]).toBe('\u001b[2J\u001b[1;1H12345');
  });

  it('gives back what it took, once', () => {
    const { writes, screen } = terminal(5, 1);
    screen.leave();
    screen.enter();
    screen.enter();
    screen.leave();
    screen.leave();
    screen.draw([[cell('late')]]);
    expect(writes).toEqual([
      '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J',
      '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l',
    ]);
  });

  it('takes a terminal that does not tell its size for a usual one', () => {
    expect(terminal(0, 0).screen.size).toEqual({ width: 80, height: 24 });
    expect(terminal(132, 50).screen.size).toEqual({ width: 132, height: 50 });
  });
});

describe('the characters of a terminal', () => {
  it.each([
    [{ LANG: 'en_GB.UTF-8' }, UNICODE],
    [{ LANG: 'C.utf8' }, UNICODE],
    [{ LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, ASCII],
    [{ LC_CTYPE: 'de_DE.ISO-8859-1', LANG: 'en_GB.UTF-8' }, ASCII],
    [{ LANG: 'en_GB.UTF-8', TERM: 'linux' }, ASCII],
    [{}, ASCII],
  ])('follow its locale: %j', (environment, glyphs) => {
    expect(glyphsFor(environment)).toBe(glyphs);
  });
});
