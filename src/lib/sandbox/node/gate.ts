/** Something that may be shut for a while: a frozen node, a paused migration. */
export class Gate {
  private waiting: { readonly opened: Promise<void>; readonly open: () => void } | null = null;

  get isShut(): boolean {
    return this.waiting !== null;
  }

  shut(): void {
    if (this.waiting) return;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.waiting = { opened, open };
  }

  open(): void {
    this.waiting?.open();
    this.waiting = null;
  }

  /** Resolves as soon as the gate is open. */
  async passed(): Promise<void> {
    while (this.waiting) await this.waiting.opened;
  }
}
