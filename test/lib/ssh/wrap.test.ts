import { describe, expect, it } from 'vitest';
import { quote } from '../../../src/lib/ssh/connection/wrap.js';
import { tool } from '../../support/sshd.js';

describe('a quoted word', () => {
  const words = [
    '',
    'plain',
    "it's",
    "printf %s 'it'\\''s'",
    'two\\\\backslashes',
    'one at the end\\',
    'wait! !x',
    '$HOME `x` "q" ~ * ? [a] {b,c} ^ % # ; & | < >',
  ];

  it.each(words)('is for sh what it was: %s', async (word) => {
    expect(await tool('sh', ['-c', `printf %s ${quote(word)}`])).toBe(word);
  });

  it.each(words)('has nothing inside quotes that fish or csh take for themselves: %s', (word) => {
    expect(quote(word)).toMatch(/^('[^'\\!]*'|\\['\\!])+$/);
  });
});
