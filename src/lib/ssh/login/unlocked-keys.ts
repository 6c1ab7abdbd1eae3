import type { ParsedKey } from 'ssh2';
import type { Secret } from '../../secret.js';
import { unlock } from './key-file.js';

const ATTEMPTS = 3;

/** Keys whose passphrase was asked for: once, however many hosts take the key. */
export class UnlockedKeys {
  readonly #keys = new Map<string, Promise<ParsedKey>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly askPassphrase: (path: string) => Promise<Secret>) {}

  /** @throws Error when the passphrase was wrong three times; what `askPassphrase` throws */
  unlock(path: string, text: string): Promise<ParsedKey> {
    const known = this.#keys.get(path);
    if (known) return known;
    // One question at a time: there is one terminal.
    const key = this.#last.then(() => this.ask(path, text));
    this.#last = key.catch(() => undefined);
    this.#keys.set(path, key);
    return key;
  }

  private async ask(path: string, text: string): Promise<ParsedKey> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const key = unlock(text, (await this.askPassphrase(path)).reveal());
      if (key) return key;
    }
    throw new WrongPassphrase();
  }
}

export class WrongPassphrase extends Error {
  override readonly message = 'wrong passphrase';
}
