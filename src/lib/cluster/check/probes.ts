import type { CallOptions } from '../../admin/rpc.js';
import type { Member } from '../view.js';
import type { Dial, ErlangDial } from './evidence.js';
import type { LogSigns } from './log-signs.js';
import type { Place } from './place.js';

/** How to look at ports and logs from this machine. */
export interface Probes {
  /** Undefined where it cannot be told. */
  dial(host: string, port: number, options: CallOptions): Promise<Dial | undefined>;
  /**
   * The same from the machine of a node, for each of the places; undefined where nobody can get onto that machine.
   *
   * @throws Failure: those of SSH
   */
  dialFrom(
    node: Pick<Member, 'name' | 'address'>,
    places: readonly Place[],
    options: CallOptions,
  ): Promise<readonly (Dial | undefined)[] | undefined>;
  /** Undefined where it cannot be told from here, as without an epmd. */
  erlang(node: string, options: CallOptions): Promise<ErlangDial | undefined>;
  /** When the certificate that is shown there ends: milliseconds since the epoch; undefined where none is shown. */
  certificateEnd(host: string, port: number, options: CallOptions): Promise<number | undefined>;
  /** What its log said in the last minutes; undefined where it cannot be read from here. */
  log(node: string, address: string | null, options: CallOptions): Promise<LogSigns | undefined>;
}
