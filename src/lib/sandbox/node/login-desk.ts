/** Milliseconds of unused time that logins may catch up on. */
const SLACK = 50;

/** How many logins a node takes in a second: each one costs it a bcrypt hash. */
export class LoginDesk {
  private readonly each: number;
  private freeAt = 0;

  constructor(loginsPerSecond: number) {
    this.each = 1000 / loginsPerSecond;
  }

  /** Whether a login can be taken now; if so, it is. */
  admits(now: number): boolean {
    if (this.freeAt > now) return false;
    this.freeAt = Math.max(this.freeAt, now - SLACK) + this.each;
    return true;
  }

  /** Queues a login. @returns the milliseconds until its turn */
  reserve(now: number): number {
    const turn = Math.max(this.freeAt, now);
    this.freeAt = turn + this.each;
    return turn - now;
  }
}
