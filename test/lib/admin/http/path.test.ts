import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandPath, parseCommandPath } from '../../../../src/lib/admin/http/path.js';

describe('the path of a command', () => {
  it('is as the documentation writes it', () => {
    const command = {
      words: ['cluster', 'leave'],
      flags: [
        ['kill_sessions', true],
        ['timeout', '120'],
      ],
      arguments: [['node', 'VerneMQ@172.16.16.13']],
    } as const;
    expect(commandPath(command)).toBe(
      '/api/v1/cluster/leave?node=VerneMQ@172.16.16.13&--kill_sessions&--timeout=120',
    );
  });

  it('keeps any value whole, and key=value before the flags', () => {
    const key = fc.stringMatching(/^[a-z][a-z_-]{0,8}$/);
    const value = fc.string({ unit: 'grapheme', minLength: 1 });
    const pairs = fc.array(fc.tuple(key, value), { maxLength: 3 });
    const flags = fc.array(fc.tuple(key, fc.oneof(fc.constant(true as const), value)), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 3 }), pairs, flags, (words, args, options) => {
        const path = commandPath({ words, arguments: args, flags: options });
        expect(parseCommandPath(path)).toEqual({ words, arguments: args, flags: options });
        expect(path).toMatch(/^[^?]*(\?([^-][^=]*=[^&]*&?)*(--[^&]*&?)*)?$/);
      }),
    );
  });

  it('of anything else than the management API is none', () => {
    expect(parseCommandPath('/status.json')).toBeUndefined();
    expect(parseCommandPath('/api/v10/cluster')).toBeUndefined();
  });
});
