import { describe, expect, it } from 'vitest';
import { hostUrlFor } from '../../../src/lib/cluster/host-urls.js';

describe('the host of one node', () => {
  it.each([
    ['ssh://root@172.16.16.13', 'ssh://root@172.16.16.13'],
    ['http://127.0.0.1:8888?via=ssh://172.16.16.13', 'ssh://172.16.16.13'],
  ])('is told by its URL: %s', (address, expected) => {
    expect(hostUrlFor({ name: 'c@172.16.16.13', address }, [])).toBe(expected);
  });

  it('is the one that was given for the same machine, by the address or by the name of the node', () => {
    const given = ['ssh://other', 'ssh://root@172.16.16.13'];
    expect(hostUrlFor({ name: 'c@broker3', address: 'http://172.16.16.13:8888' }, given)).toBe(
      'ssh://root@172.16.16.13',
    );
    expect(hostUrlFor({ name: 'c@172.16.16.13', address: null }, given)).toBe('ssh://root@172.16.16.13');
  });

  it('is likely to be reached as that of another node is', () => {
    expect(hostUrlFor({ name: 'c@broker3', address: null }, ['ssh://root@other:2222'])).toBe(
      'ssh://root@broker3:2222',
    );
    expect(hostUrlFor({ name: 'c@broker3', address: null }, ['http://172.16.16.13:8888'])).toBeUndefined();
  });
});
