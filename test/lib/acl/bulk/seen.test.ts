import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SeenKeys } from '../../../../src/lib/acl/bulk/seen.js';

it('every key that came before is recognised', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (keys) => {
      const seen = new SeenKeys();
      for (const key of keys) seen.add(key);
      for (const key of keys) expect(seen.add(key)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

it('of a million keys none is taken for another one, or hardly any', () => {
  const seen = new SeenKeys();
  const key = (index: number) => `["","device-${index}","user${index % 5000}"]`;
  let mistaken = 0;
  for (let index = 0; index < 1_000_000; index += 1) if (seen.add(key(index))) mistaken += 1;
  expect(mistaken).toBeLessThanOrEqual(3);
  for (let index = 0; index < 1_000_000; index += 997) expect(seen.add(key(index))).toBe(true);
});
