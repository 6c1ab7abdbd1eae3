import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryFromHere } from '../../../../src/lib/cluster/ports/connect.js';
import { verdictOf } from '../../../../src/lib/cluster/ports/verdict.js';
import { type FullPort, startFullPort } from '../../../support/full-port.js';
import { type Peer, startPeer } from '../../../support/peers.js';
import { freePort } from '../../../support/ports.js';

let full: FullPort;
let peer: Peer;
beforeAll(async () => {
  full = await startFullPort();
  peer = await startPeer();
});
afterAll(async () => {
  await full.stop();
  await peer.stop();
});

describe('a connect from here', () => {
  it('tells an open port, one that refuses, and one from which nothing comes back', async () => {
    expect(await tryFromHere('127.0.0.1', peer.port, 5000)).toMatchObject({ state: 'open' });
    expect(await tryFromHere('127.0.0.1', await freePort(), 5000)).toMatchObject({ state: 'refused' });
    expect(await tryFromHere('127.0.0.1', full.port, 300)).toMatchObject({ state: 'filtered' });
  });

  it('ends when it is interrupted', async () => {
    const ended = new AbortController();
    const trying = tryFromHere('127.0.0.1', full.port, 60_000, ended.signal);
    ended.abort();
    await expect(trying).rejects.toMatchObject({ kind: 'interrupted' });
  });
});

describe('the words of a failed connect', () => {
  it.each([
    // bash
    ['bash: connect: Connection refused bash: /dev/tcp/127.0.0.1/1: Connection refused', 'refused'],
    ['bash: connect: No route to host bash: line 1: /dev/tcp/10.9.9.9/1: No route to host', 'wrong_address'],
    ['bash: connect: Network is unreachable', 'wrong_address'],
    ['bash: nowhere: Name or service not known bash: /dev/tcp/nowhere/1: Invalid argument', 'wrong_address'],
    ['bash: nowhere: Temporary failure in name resolution', 'wrong_address'],
    ['bash: connect: Connection timed out', 'filtered'],
    // python
    ['[Errno 111] Connection refused', 'refused'],
    ['[Errno -2] Name or service not known', 'wrong_address'],
    ['[Errno 101] Network is unreachable', 'wrong_address'],
    // perl
    ['Connection refused IO::Socket::INET: connect: Connection refused', 'refused'],
    ["Invalid argument IO::Socket::INET: Bad hostname 'nowhere'", 'wrong_address'],
    ['Connection timed out IO::Socket::INET: connect: timeout', 'filtered'],
    // nc of OpenBSD, of BusyBox, and of Nmap
    ['nc: connect to 127.0.0.1 port 1 (tcp) failed: Connection refused', 'refused'],
    ['nc: connect to 10.9.9.9 port 1 (tcp) timed out: Operation now in progress', 'filtered'],
    ["nc: bad address 'nowhere'", 'wrong_address'],
    ['nc: 127.0.0.1 (127.0.0.1:1): Connection refused', 'refused'],
    ['Ncat: TIMEOUT.', 'filtered'],
    ['Ncat: Could not resolve hostname "nowhere": Name or service not known. QUITTING.', 'wrong_address'],
    // Node
    ['ECONNREFUSED', 'refused'],
    ['ETIMEDOUT', 'filtered'],
    ['EHOSTUNREACH', 'wrong_address'],
    // a route that discards what is sent
    ['EINVAL', 'wrong_address'],
    ['bash: connect: Invalid argument', 'wrong_address'],
    ['ENOTFOUND', 'wrong_address'],
    // what says nothing of the network
    ['bash: fork: retry: Resource temporarily unavailable', 'unknown'],
    ['connect: Permission denied', 'unknown'],
    ['', 'unknown'],
  ])('%j: %s', (said, state) => {
    expect(verdictOf(said).state).toBe(state);
  });
});
