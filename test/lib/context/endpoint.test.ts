import { describe, expect, it } from 'vitest';
import { nodeUrl, nodeUrls, plainHttpWarning } from '../../../src/lib/context/endpoint.js';
import { failureOf } from './temp-folder.js';

describe("a node's URL", () => {
  it.each([
    ['http://172.16.16.13:8888', 'http://172.16.16.13:8888'],
    ['http://172.16.16.13:8888/', 'http://172.16.16.13:8888'],
    ['HTTPS://MQ1.example:8889', 'https://mq1.example:8889'],
    ['http://mq1', 'http://mq1'],
    ['http://mq1:80', 'http://mq1'],
    ['http://[fd00::1]:8888', 'http://[fd00::1]:8888'],
    ['erl://VerneMQ@172.16.16.13', 'erl://VerneMQ@172.16.16.13'],
    ['erl://VerneMQ@mq1.example/', 'erl://VerneMQ@mq1.example'],
    ['erl://VerneMQ@172.16.16.13?port=9100', 'erl://VerneMQ@172.16.16.13?port=9100'],
    ['erl://VerneMQ@[fd00::1]?port=9100', 'erl://VerneMQ@[fd00::1]?port=9100'],
    ['ssh://root@172.16.16.13', 'ssh://root@172.16.16.13'],
    ['ssh://root@172.16.16.13/', 'ssh://root@172.16.16.13'],
    ['ssh://mq1', 'ssh://mq1'],
    ['ssh://root@mq1:2222', 'ssh://root@mq1:2222'],
    // The SSH configuration may have another port for it.
    ['ssh://root@mq1:22', 'ssh://root@mq1:22'],
    ['ssh://root@[fd00::1]:2222', 'ssh://root@[fd00::1]:2222'],
    ['http://h:8888?via=ssh://op@bastion', 'http://h:8888?via=ssh://op@bastion'],
    ['HTTP://H:8888/?via=ssh://op@bastion/', 'http://h:8888?via=ssh://op@bastion'],
    ['https://h?via=ssh%3A%2F%2Fop%40bastion%3A2222', 'https://h?via=ssh://op@bastion:2222'],
    ['erl://N@h?via=ssh://bastion', 'erl://N@h?via=ssh://bastion'],
    ['erl://N@h?via=ssh://bastion&port=9100', 'erl://N@h?port=9100&via=ssh://bastion'],
    ['ssh://root@h?via=ssh://op@bastion', 'ssh://root@h?via=ssh://op@bastion'],
  ])('%s is %s', (text, origin) => {
    expect(nodeUrl(text, '--node')).toBe(origin);
  });

  it('counts once when it is given twice, and is split where it came as one text', () => {
    expect(nodeUrls(['http://a:1', 'http://a:1/', 'http://b:1'], '--node')).toEqual([
      'http://a:1',
      'http://b:1',
    ]);
    expect(nodeUrls('http://a:1, http://b:1', 'VMQCTL_NODE')).toEqual(['http://a:1', 'http://b:1']);
  });

  it.each([
    ['erl://172.16.16.13', 'bad_node_url'],
    ['erl://VerneMQ@', 'bad_node_url'],
    ['erl://VerneMQ@h:9100', 'bad_node_url'],
    ['erl://VerneMQ@h?port=', 'bad_node_url'],
    ['erl://VerneMQ@h?port=70000', 'bad_node_url'],
    ['erl://VerneMQ@h?port=9100&x=1', 'bad_node_url'],
    ['erl://VerneMQ@h/api', 'bad_node_url'],
    ['erl://:@h', 'bad_node_url'],
    ['ssh://', 'bad_ssh_url'],
    ['ssh://-oProxyCommand=x', 'bad_ssh_url'],
    ['ssh://root@h/etc', 'bad_ssh_url'],
    ['ssh://root@h?port=1', 'bad_ssh_url'],
    ['http://h:8888/?via=bastion', 'bad_ssh_url'],
    ['http://h:8888/?via=http://bastion', 'bad_ssh_url'],
    ['http://h:8888/?via=', 'bad_ssh_url'],
    ['http://h:8888/?via=ssh://a&via=ssh://b', 'bad_node_url'],
    ['http://h:8888/?via=ssh://a&x=1', 'bad_node_url'],
    ['ssh://h?via=ssh://a&via=ssh://b', 'bad_ssh_url'],
    ['172.16.16.13:8888', 'bad_node_url'],
    ['localhost:8888', 'bad_node_url'],
    ['VerneMQ@172.16.16.13', 'bad_node_url'],
    ['ftp://h', 'bad_node_url'],
    ['http://', 'bad_node_url'],
    ['http://h:99999', 'bad_node_url'],
    ['http://h:8888/api/v1', 'bad_node_url'],
    ['http://h:8888/#x', 'bad_node_url'],
    ['', 'bad_node_url'],
  ])('%s is refused: %s', async (text, code) => {
    const failure = await failureOf(() => nodeUrl(text, '--node'));
    expect(failure).toMatchObject({ kind: 'usage', code });
    expect(failure.hint).toMatch(/(http|erl|ssh):\/\//);
  });

  it.each([
    'erl://VerneMQ:S3cret@h',
    'http://S3cret@h:8888',
    'http://S3cret:@h',
    'http://user:S3cret@h',
    'https://x:S3cret@h/path',
    'http//S3cret@h',
    'ftp://S3cret@h',
    'ssh://root:S3cret@h',
    'http://h:8888?via=ssh://root:S3cret@bastion',
    'erl://N@h?via=ssh://root:S3cret@bastion',
  ])('is refused and not repeated with a secret in it: %s', async (text) => {
    const failure = await failureOf(() => nodeUrl(text, '--node'));
    expect(failure.kind).toBe('usage');
    expect(`${failure.message}${failure.hint}`).not.toMatch(/s3cret/i);
  });
});

describe('plainHttpWarning', () => {
  it('names the nodes that a key would travel to in clear', () => {
    const warning = plainHttpWarning(['http://10.0.0.1:8888', 'https://10.0.0.2', 'http://127.0.0.1:1']);
    expect(warning).toContain('http://10.0.0.1:8888');
    expect(warning).not.toContain('10.0.0.2');
  });

  it.each([
    'http://127.0.0.1:8888',
    'http://127.1.2.3',
    'http://localhost:8888',
    'http://[::1]:8888',
    'https://h',
  ])('has nothing against %s', (node) => {
    expect(plainHttpWarning([node])).toBeUndefined();
  });

  it.each(['http://127.evil.example', 'http://localhost.evil.example'])('is not deceived by %s', (node) => {
    expect(plainHttpWarning([node])).toContain(node);
  });
});
