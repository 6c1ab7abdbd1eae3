import { PassThrough } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { expect, it } from 'vitest';
import { Connection } from '../../../src/lib/ssh/connection/connection.js';
import { lost, NotSent } from '../../../src/lib/ssh/connection/lost.js';
import { Stop } from '../../../src/lib/ssh/connection/stop.js';
import { openTunnel } from '../../../src/lib/ssh/connection/tunnel.js';

it('whose connection is lost by what comes in the same packet as its opening carries nothing', async () => {
  let isClosed = false;
  const channel = Object.assign(new PassThrough(), { close: () => (isClosed = true) });
  const forwardOut = (...words: unknown[]) => {
    const done = words.at(-1) as (error: undefined, channel: ClientChannel) => void;
    done(undefined, channel as unknown as ClientChannel);
    connection.end(lost('ssh://bastion', 'it was closed'));
  };
  const client = { forwardOut } as unknown as Client;
  const connection = new Connection(client, 'ssh://bastion', () => undefined);
  const opening = openTunnel(connection, { host: 'broker', port: 8888 }, {}, new Stop({}));
  const error = await opening.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NotSent);
  expect(error).toMatchObject({ failure: { code: 'ssh_lost' } });
  expect(isClosed).toBe(true);
});
