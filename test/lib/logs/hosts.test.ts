import { describe, expect, it } from 'vitest';
import { openLogHosts } from '../../../src/lib/logs/hosts.js';

const opened = (...nodes: string[]) => {
  const hosts = openLogHosts({ nodes, apiKeyHeader: 'basic', deadline: 1000 }, {});
  hosts.close();
  return { nodes: hosts.nodes.map(({ node }) => node), others: hosts.others };
};

describe('the hosts of nodes', () => {
  it('are those of ssh:// URLs, and of tunnels that end at a loopback address', () => {
    expect(opened('ssh://root@a', 'http://127.0.0.1:8888?via=ssh://ops@b:2222')).toEqual({
      nodes: ['a', 'b'],
      others: [],
    });
    expect(opened('ssh://a', 'erl://VerneMQ@127.0.0.1?via=ssh://ops@b')).toMatchObject({ nodes: ['a', 'b'] });
  });

  it('are reached through a jump host where the URL has one', () => {
    expect(opened('ssh://a?via=ssh://bastion')).toMatchObject({ nodes: ['a'], others: [] });
  });

  it('are named only once', () => {
    expect(opened('ssh://a', 'http://127.0.0.1:8888?via=ssh://a')).toMatchObject({ nodes: ['a'] });
  });

  it('are not told by the URL of a listener, nor by a tunnel to another machine', () => {
    const others = ['http://172.16.16.13:8888', 'http://172.16.16.13:8888?via=ssh://bastion'];
    expect(opened('ssh://a', ...others)).toMatchObject({ others });
    expect(() => opened(...others)).toThrow(/no node is an ssh:\/\/ URL/);
  });
});
