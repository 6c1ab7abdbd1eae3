import { type AssembledMessage, FragmentAssembler, type FragmentLimits } from './fragments.js';
import { decodeFrame, decodeTerms, FRAME_LIMIT, type Message, type ReceivedFrame } from './frame.js';
import type { AtomCache } from './header.js';

const FRAGMENT_LIMITS: FragmentLimits = { messages: 100, fragments: 100_000n, bytes: FRAME_LIMIT };

/** One direction of a connection: remembers the atoms that were named and the messages that are not complete. */
export class MessageDecoder {
  readonly #cache: AtomCache = [];
  readonly #fragments: FragmentAssembler;

  constructor(limits: FragmentLimits = FRAGMENT_LIMITS) {
    this.#fragments = new FragmentAssembler(limits);
  }

  /**
   * @returns undefined for a tick, and for a fragment that does not complete a message
   * @throws ErlangError `bad_frame`; `bad_term` where the control message is none
   */
  decode(bytes: Buffer): Message | undefined {
    const frame = decodeFrame(bytes, this.#cache);
    switch (frame.kind) {
      case 'tick':
        return undefined;
      case 'pass_through':
      case 'message':
        return frame;
      default:
        return this.#assemble(frame);
    }
  }

  #assemble(frame: Extract<ReceivedFrame, { sequence: bigint }>): Message | undefined {
    const whole: AssembledMessage | undefined =
      frame.kind === 'first_fragment'
        ? this.#fragments.begin(frame.sequence, frame.fragment, frame.header, frame.data)
        : this.#fragments.continue(frame.sequence, frame.fragment, frame.data);
    return whole && decodeTerms(whole.data, 0, whole.header);
  }
}
