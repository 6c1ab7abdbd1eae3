/**
 * Capabilities that two nodes tell each other.
 * Source: "Distribution Protocol", Distribution Flags.
 */
export const Flag = {
  PUBLISHED: 0x1n,
  EXTENDED_REFERENCES: 0x4n,
  DIST_MONITOR: 0x8n,
  FUN_TAGS: 0x10n,
  DIST_MONITOR_NAME: 0x20n,
  NEW_FUN_TAGS: 0x80n,
  EXTENDED_PIDS_PORTS: 0x100n,
  EXPORT_PTR_TAG: 0x200n,
  BIT_BINARIES: 0x400n,
  NEW_FLOATS: 0x800n,
  UNICODE_IO: 0x1000n,
  DIST_HDR_ATOM_CACHE: 0x2000n,
  SMALL_ATOM_TAGS: 0x4000n,
  UTF8_ATOMS: 0x1_0000n,
  MAP_TAG: 0x2_0000n,
  BIG_CREATION: 0x4_0000n,
  SEND_SENDER: 0x8_0000n,
  BIG_SEQTRACE_LABELS: 0x10_0000n,
  EXIT_PAYLOAD: 0x40_0000n,
  FRAGMENTS: 0x80_0000n,
  HANDSHAKE_23: 0x100_0000n,
  UNLINK_ID: 0x200_0000n,
  MANDATORY_25_DIGEST: 0x400_0000n,
  SPAWN: 0x1_0000_0000n,
  NAME_ME: 0x2_0000_0000n,
  V4_NC: 0x4_0000_0000n,
  ALIAS: 0x8_0000_0000n,
} as const;

/**
 * What we offer: all that OTP 28 demands, and SPAWN, because from OTP 23 on `rpc:call` to a node without it
 * fails with `notsup`. Not PUBLISHED, which makes us a hidden node; neither the atom cache nor fragments, so
 * that peers send the plainest messages they can.
 */
export const OFFERED_FLAGS: bigint =
  Flag.EXTENDED_REFERENCES |
  Flag.DIST_MONITOR |
  Flag.FUN_TAGS |
  Flag.DIST_MONITOR_NAME |
  Flag.NEW_FUN_TAGS |
  Flag.EXTENDED_PIDS_PORTS |
  Flag.EXPORT_PTR_TAG |
  Flag.BIT_BINARIES |
  Flag.NEW_FLOATS |
  Flag.UNICODE_IO |
  Flag.SMALL_ATOM_TAGS |
  Flag.UTF8_ATOMS |
  Flag.MAP_TAG |
  Flag.BIG_CREATION |
  Flag.HANDSHAKE_23 |
  Flag.UNLINK_ID |
  Flag.MANDATORY_25_DIGEST |
  Flag.SPAWN |
  Flag.V4_NC;

/** Without these a peer could not understand what we send. All of them are older than OTP 21. */
const NEEDED_FLAGS: bigint =
  Flag.EXTENDED_REFERENCES |
  Flag.EXTENDED_PIDS_PORTS |
  Flag.NEW_FLOATS |
  Flag.UTF8_ATOMS |
  Flag.MAP_TAG |
  Flag.BIG_CREATION;

/** Whether a peer with these flags understands what we send. */
export function canTalk(peer: bigint): boolean {
  // The digest stands for all that was mandatory in OTP 25, whose own bits may mean something else one day.
  return (peer & Flag.MANDATORY_25_DIGEST) !== 0n || (peer & NEEDED_FLAGS) === NEEDED_FLAGS;
}
