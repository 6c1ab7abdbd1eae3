import type { Duplex } from 'node:stream';
import type { StreamOptions } from '../../ssh/host.js';

/**
 * Opens a stream to a port as seen from the SSH host in between.
 *
 * @throws Failure; then nothing has reached the node
 */
export type OpenStream = (host: string, port: number, options?: StreamOptions) => Promise<Duplex>;
