/** What a command is answered with instead of being run. `crash` is an empty 500, `unauthorized` a 401. */
export type Refusal = 'crash' | 'unauthorized' | { readonly text: string };

/**
 * Commands that a node refuses or answers late. They are named by their first words, such as `cluster leave` or
 * `session`; nothing stands for all of them.
 */
export class CommandFaults {
  private readonly refusals = new Map<string, { readonly refusal: Refusal; readonly times: number }>();
  private readonly delays = new Map<string, number>();

  refuse(words: string, refusal: Refusal, times: number): void {
    this.refusals.set(words, { refusal, times });
  }

  accept(words: string): void {
    this.refusals.delete(words);
  }

  /** @param milliseconds 0 for no delay */
  delay(words: string, milliseconds: number): void {
    this.delays.set(words, milliseconds);
  }

  /** Counts as one of the times that the command is to be refused. */
  refusalOf(words: string): Refusal | null {
    const [given, found] = [...this.refusals].find(([given]) => covers(given, words)) ?? [];
    if (given === undefined || !found) return null;
    if (found.times <= 1) this.refusals.delete(given);
    else this.refusals.set(given, { ...found, times: found.times - 1 });
    return found.refusal;
  }

  delayOf(words: string): number {
    const found = [...this.delays].filter(([given]) => covers(given, words));
    return Math.max(0, ...found.map(([, milliseconds]) => milliseconds));
  }
}

const covers = (given: string, words: string): boolean =>
  given === '' || words === given || words.startsWith(`${given} `);
