import { describe, expect, it } from 'vitest';
import { ahead } from '../../src/lib/ahead.js';

async function* numbers(log: string[], last: number) {
  try {
    for (let number = 1; number <= last; number += 1) {
      log.push(`asked ${number}`);
      yield number;
    }
    throw new Error('broken');
  } finally {
    log.push('closed');
  }
}

describe('items that are asked for ahead', () => {
  it('are two ahead, and throw where they would have thrown', async () => {
    const log: string[] = [];
    const seen = async () => {
      for await (const number of ahead(numbers(log, 3))) log.push(`got ${number}`);
    };
    await expect(seen()).rejects.toThrow('broken');
    expect(log).toEqual(['asked 1', 'asked 2', 'asked 3', 'got 1', 'closed', 'got 2', 'got 3']);
  });

  it('are closed when nobody wants more of them', async () => {
    const log: string[] = [];
    for await (const number of ahead(numbers(log, 1))) if (number === 1) break;
    expect(log).toEqual(['asked 1', 'closed']);
  });
});
