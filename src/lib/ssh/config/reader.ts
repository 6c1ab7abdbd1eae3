import { Failure } from '../../failure.js';
import type { Values } from './evaluate.js';

/** Reads the values of a configuration as what they are. Each method throws a Failure (configuration) where one is none. */
export class Reader {
  constructor(
    readonly values: Values,
    readonly host: string,
  ) {}

  text(keyword: string): string | undefined {
    return this.values.get(keyword)?.[0];
  }

  flag(keyword: string, usual: boolean): boolean {
    const text = this.text(keyword)?.toLowerCase();
    if (text === undefined) return usual;
    if (/^(yes|true)$/.test(text)) return true;
    if (/^(no|false)$/.test(text)) return false;
    throw this.bad(keyword, text);
  }

  number(keyword: string, usual: number, greatest = 1_000_000): number {
    const text = this.text(keyword);
    if (text === undefined) return usual;
    const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= greatest) return value;
    throw this.bad(keyword, text);
  }

  /** Milliseconds, of a time as in sshd_config(5), TIME FORMATS. */
  duration(keyword: string): number | undefined {
    const text = this.text(keyword)?.toLowerCase();
    if (text === undefined || text === 'none' || text === '0') return undefined;
    if (!/^(\d+[smhdw]?)+$/.test(text)) throw this.bad(keyword, text);
    const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
    const parts = [...text.matchAll(/(\d+)([smhdw]?)/g)];
    const sum = parts.reduce(
      (total, [, count, unit]) => total + Number(count) * (seconds[unit || 's'] ?? 1),
      0,
    );
    return Math.min(sum * 1000, 2 ** 31 - 1) || undefined;
  }

  family(): 0 | 4 | 6 {
    const text = this.text('addressfamily')?.toLowerCase() ?? 'any';
    if (text === 'any') return 0;
    if (text === 'inet') return 4;
    if (text === 'inet6') return 6;
    throw this.bad('addressfamily', text);
  }

  private bad(keyword: string, text: string): Failure {
    const message = `the OpenSSH configuration has ${keyword} ${text} for ${this.host}, which makes no sense`;
    return new Failure('configuration', 'bad_ssh_config', message);
  }
}
