import { parseLine } from './record.js';
import type { LogFile, RemoteFiles } from './remote.js';
import type { Position } from './tail.js';

/** What is left of a file when searching it further would cost more than reading it. */
const NEAR = 64 * 1024;
const PROBE_SIZE = 16 * 1024;
/** Where lines are longer than a probe, it is made so much larger, and then given up. */
const PROBES = [PROBE_SIZE, 32 * PROBE_SIZE];
/** Processes write their lines not quite in the order of their stamps. */
const DISORDER = 5_000_000;

/** Where reading begins. */
export interface Start {
  /** Undefined where there is no file. */
  readonly position: Position | undefined;
  /** Whether all there is will be read, and files before it might have held more. */
  readonly fromOldest: boolean;
}

/**
 * Finds where the entries since a time begin, with some before them, by bisection: only a few blocks of a large file
 * are fetched.
 *
 * @param files the oldest first; at least one
 * @param since microseconds since the epoch
 * @param zone minutes east of UTC, for stamps without an offset
 * @throws Failure of the host
 */
export async function findSince(
  remote: Pick<RemoteFiles, 'read'>,
  files: readonly LogFile[],
  since: number,
  zone: number,
): Promise<Start> {
  const wanted = since - DISORDER;
  const probe = new Probe(remote, zone);
  for (const file of files.toReversed()) {
    const first = await probe.at(file.path, 0, file.size);
    if (first && first.time < wanted)
      return {
        position: { ...beginning(file), offset: await bisect(probe, file, wanted) },
        fromOldest: false,
      };
  }
  const [oldest] = files;
  return { position: oldest && beginning(oldest), fromOldest: true };
}

/** The beginning of a line whose time is before the wanted one, with nothing wanted in front of it. */
async function bisect(probe: Probe, file: LogFile, wanted: number): Promise<number> {
  let low = 0;
  let high = file.size;
  while (high - low > NEAR) {
    const middle = Math.floor((low + high) / 2);
    const found = await probe.at(file.path, middle, high);
    if (found && found.time < wanted) low = found.offset;
    else high = middle;
  }
  return low;
}

/** Where the last so many bytes of all files begin. */
export function findFromEnd(files: readonly LogFile[], distance: number): Position | undefined {
  let left = distance;
  for (const file of files.toReversed()) {
    if (file.size >= left) return { ...beginning(file), offset: file.size - left };
    left -= file.size;
  }
  const [oldest] = files;
  return oldest && beginning(oldest);
}

/** The end of the file that is being written. */
export function findEnd(files: readonly LogFile[]): Start {
  const current = files.at(-1);
  return { position: current && { ...beginning(current), offset: current.size }, fromOldest: false };
}

const beginning = ({ path, head }: LogFile): Position => ({ path, head, offset: 0 });

/** Looks for the first line with a time at or after an offset. */
class Probe {
  constructor(
    private readonly remote: Pick<RemoteFiles, 'read'>,
    private readonly zone: number,
  ) {}

  async at(
    path: string,
    offset: number,
    before: number,
  ): Promise<{ offset: number; time: number } | undefined> {
    for (const size of PROBES) {
      const piece = await this.remote.read(path, offset, 0, Math.min(size, before - offset));
      if (piece.state === 'missing') return undefined;
      const found = this.firstStamp(piece.bytes, offset);
      if (found) return found;
      if (offset + piece.bytes.length >= before) return undefined;
    }
    return undefined;
  }

  private firstStamp(bytes: Buffer, offset: number): { offset: number; time: number } | undefined {
    let from = offset === 0 ? 0 : bytes.indexOf(0x0a) + 1;
    if (from === 0 && offset > 0) return undefined;
    for (let end = bytes.indexOf(0x0a, from); end !== -1; end = bytes.indexOf(0x0a, from)) {
      const parts = parseLine(bytes.toString('utf8', from, end), this.zone);
      if (parts) return { offset: offset + from, time: parts.time };
      from = end + 1;
    }
    return undefined;
  }
}
