import { describe, expect, it } from 'vitest';
import { findCommand } from '../../../../src/lib/admin/catalogue/index.js';
import type { FlagShape } from '../../../../src/lib/cli/flag-shape.js';
import { partArguments } from '../../../../src/lib/cli/forward/arguments.js';
import { forwarded } from '../../../../src/lib/cli/forward/forwarded.js';

const OWN: Record<string, FlagShape> = {
  node: { type: 'option' },
  format: { type: 'option' },
  json: { type: 'boolean' },
  yes: { type: 'boolean', char: 'y' },
};

function part(text: string) {
  const argv = text.split(' ');
  const spec = findCommand(argv);
  if (!spec) throw new Error(`no command: ${text}`);
  const { own, broker } = partArguments(spec, argv, OWN);
  return { own: own.join(' '), broker: broker.join(' ') };
}

describe('a forwarded command line', () => {
  it('is parted into our flags and the broker', () => {
    expect(part('session disconnect --json client-id=x --format csv -c -y')).toEqual({
      own: '--json --format csv -y',
      broker: 'session disconnect client-id=x -c',
    });
  });

  it.each([
    ['--node http://127.0.0.1:8888', 'ours'],
    ['--node=http://127.0.0.1:8888', 'ours'],
    ['--node erl://VerneMQ@127.0.0.1', 'ours'],
    ['--node http://a:1,http://b:2', 'ours'],
    ['--node VerneMQ@127.0.0.1', 'theirs'],
    ['--node=VerneMQ@127.0.0.1', 'theirs'],
    ['-n VerneMQ@127.0.0.1', 'theirs'],
  ])('has a --node that is %s: %s', (flag, whose) => {
    for (const command of [
      'set max_client_id_size=5',
      'show max_client_id_size',
      'session disconnect batch count=5',
    ]) {
      const { own, broker } = part(`${command} ${flag}`);
      expect(own).toBe(whose === 'ours' ? flag : '');
      expect(broker).toBe(whose === 'ours' ? command : `${command} ${flag}`);
    }
  });

  it('has a field --node of sessions beside the --node that is a URL', () => {
    expect(part('session show --node --client_id --node http://127.0.0.1:8888 --node=a@b')).toEqual({
      own: '--node http://127.0.0.1:8888',
      broker: 'session show --node --client_id --node=a@b',
    });
  });

  it('has our --node alone where the broker has none', () => {
    expect(part('node status --node nonsense').own).toBe('--node nonsense');
  });
});

describe('what is forwarded', () => {
  it.each([
    'node status',
    'session disconnect batch count=5',
    'set a=b',
    'show x y',
    'log show config --json',
  ])('%s is', (text) => expect(forwarded(text.split(' '))).toBeDefined());

  it.each([
    'cluster show',
    'cluster leave node=a@b',
    'session',
    'context list',
    'nosuch',
    '--json session show',
    '',
  ])('%s is not', (text) => expect(forwarded(text.split(' '))).toBeUndefined());
});
