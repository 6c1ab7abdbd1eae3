import { describe, expect, it } from 'vitest';
import { parseNodeNames } from '../../../src/lib/cli/node-names.js';

describe('the names of nodes', () => {
  it('are read from one word', () => {
    expect(parseNodeNames(undefined)).toEqual([]);
    expect(parseNodeNames('a@h')).toEqual(['a@h']);
    expect(parseNodeNames('a@h,b@h')).toEqual(['a@h', 'b@h']);
  });

  it.each([
    ['', 'missing_node'],
    [',', 'missing_node'],
    ['a@h,', 'missing_node'],
    ['a@h,b@h,a@h', 'repeated_node'],
  ])('are refused in node=%s, which could mean more than it says', (text, code) => {
    expect(() => parseNodeNames(text)).toThrow(expect.objectContaining({ kind: 'usage', code }));
  });
});
