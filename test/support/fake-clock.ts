import type { Clock } from '../../src/lib/clock.js';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that jumps to the next sleeper as soon as nothing else is left to do, so that no test ever waits. */
export class FakeClock implements Clock {
  private time = 1_000_000;
  private readonly sleepers: Sleeper[] = [];

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { until: this.time + Math.max(0, milliseconds), wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.remove(sleeper);
        resolve();
      });
      setImmediate(() => this.advance());
    });
  }

  private advance(): void {
    const next = this.sleepers.reduce<Sleeper | undefined>(
      (first, one) => (first && first.until <= one.until ? first : one),
      undefined,
    );
    if (!next) return;
    this.remove(next);
    this.time = Math.max(this.time, next.until);
    next.wake();
    if (this.sleepers.length > 0) setImmediate(() => this.advance());
  }

  private remove(sleeper: Sleeper): void {
    const at = this.sleepers.indexOf(sleeper);
    if (at !== -1) this.sleepers.splice(at, 1);
  }
}
