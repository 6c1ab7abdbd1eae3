/** Wakes whoever waits for something to happen. A ring that nobody waits for is kept for the next one who does. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** For one waiter at a time. */
  async wait(): Promise<void> {
    if (!this.rung)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    this.wake = undefined;
    this.rung = false;
  }
}
