import { Failure } from '../../failure.js';
import type { RunOptions } from '../host.js';

/** Bytes of stdout and stderr together that are kept in memory. */
const MOST = 64 * 1024 * 1024;

/** What a command writes: handed on as it comes, or kept until the end. */
export class Output {
  readonly #kept: Readonly<Record<'out' | 'err', Buffer[]>> = { out: [], err: [] };
  #bytes = 0;

  /** @param onExcess called once there is more than is kept */
  constructor(
    readonly onOutput: RunOptions['onOutput'],
    readonly onExcess: () => void,
  ) {}

  readonly add = (chunk: Buffer, stream: 'out' | 'err'): void => {
    if (this.onOutput) {
      this.onOutput(chunk, stream);
      return;
    }
    this.#bytes += chunk.length;
    if (this.#bytes <= MOST) this.#kept[stream].push(chunk);
    else this.onExcess();
  };

  text(stream: 'out' | 'err'): string {
    return Buffer.concat(this.#kept[stream]).toString('utf8');
  }
}

export const tooMuch = (address: string): Failure =>
  new Failure(
    'failed',
    'ssh_output_too_long',
    `${address}: the command wrote more than ${MOST / 1024 / 1024} MB`,
    {
      hint: 'It was stopped. Ask for less, or for one node at a time.',
    },
  );
