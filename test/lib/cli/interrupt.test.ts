import { afterEach, describe, expect, it, vi } from 'vitest';
import { interruptSignal } from '../../../src/lib/cli/interrupt.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
afterEach(() => {
  vi.restoreAllMocks();
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    for (const listener of before.get(signal) ?? []) process.on(signal, listener);
  }
});

it('is listened to by all that goes on at once, without a warning', async () => {
  const warnings: string[] = [];
  const take = ({ message }: Error) => void warnings.push(message);
  process.on('warning', take);
  const interrupted = interruptSignal();
  for (let count = 0; count < 50; count += 1) interrupted.addEventListener('abort', () => count);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', take);
  expect(warnings).toEqual([]);
});

describe('an operation that can be interrupted', () => {
  it.each([
    ['SIGINT', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGINT'],
  ] as const)('is stopped by %s, and ended at once by %s after it', (first, second) => {
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const interrupted = interruptSignal();
    expect(interrupted.aborted).toBe(false);
    process.emit(first);
    expect(interrupted.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
    process.emit(second);
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  });
});
