import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertCarriable } from '../../../../src/lib/admin/catalogue/carriage.js';
import { jsonFormat, vmqAdminArgv, vmqAdminLine } from '../../../../src/lib/admin/catalogue/line.js';
import { parseLine } from '../../../../src/lib/admin/catalogue/parse.js';
import type { AdminCommand } from '../../../../src/lib/admin/rpc.js';
import { readAsBroker } from './broker-parser.js';

const LEAVE: AdminCommand = {
  words: ['cluster', 'leave'],
  arguments: [['node', 'VerneMQ@172.16.16.13']],
  flags: [
    ['kill_sessions', true],
    ['timeout', '120'],
  ],
};

describe('the arguments of vmq-admin', () => {
  it('are words, then keys, then long flags', () => {
    expect(vmqAdminArgv(LEAVE)).toEqual([
      'cluster',
      'leave',
      'node=VerneMQ@172.16.16.13',
      '--kill_sessions',
      '--timeout=120',
    ]);
  });

  it('have a value with = behind its flag: the broker crashes on --flag=a=b', () => {
    expect(vmqAdminArgv({ words: ['session', 'show'], flags: [['topic', 'a=b']] })).toEqual([
      'session',
      'show',
      '--topic',
      'a=b',
    ]);
    expect(vmqAdminArgv({ words: ['session', 'disconnect'], flags: [['mountpoint', '-a=b']] }).at(-1)).toBe(
      '-m-a=b',
    );
  });

  it('are read by the broker as they were meant, whatever the values', () => {
    const value = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/["\p{Cc}]/u.test(text));
    fc.assert(
      fc.property(value, value, value, (id, topic, mountpoint) => {
        const argv = [
          'session',
          'unsubscribe',
          '-p',
          `topic=${topic}`,
          `--mountpoint=${mountpoint}`,
          `client-id=${id}`,
        ];
        const kept = parseOrRefuse(argv);
        if (!kept) return;
        const broker = readAsBroker(vmqAdminArgv(kept));
        expect(broker.words).toEqual(['session', 'unsubscribe']);
        expect(broker.keys).toEqual([
          ['client-id', id],
          ['topic', topic],
        ]);
        expect(broker.flags.map(([name, text]) => [name === 'm' ? 'mountpoint' : name, text])).toEqual([
          ['plugin', null],
          ['mountpoint', mountpoint],
        ]);
      }),
    );
  });

  it('are refused only for an = that the broker would lose', () => {
    const value = fc.stringMatching(/^[a-z=-]{1,6}$/);
    fc.assert(
      fc.property(value, (id) => {
        const refused = parseOrRefuse(['session', 'disconnect', `client-id=${id}`]) === undefined;
        const read = readKeyAsBroker(`client-id=${id}`);
        expect(refused).toBe(read !== id);
      }),
    );
  });
});

const readKeyAsBroker = (token: string) => {
  try {
    return readAsBroker(['x', token]).keys[0]?.[1];
  } catch {
    return undefined;
  }
};

function parseOrRefuse(argv: string[]): AdminCommand | undefined {
  try {
    const command = parseLine(argv);
    assertCarriable(command, 'command');
    return command;
  } catch (thrown) {
    expect(thrown).toMatchObject({ kind: 'usage', code: 'value_gets_lost' });
    return undefined;
  }
}

describe('the line for a shell', () => {
  it('is the same command', () => {
    expect(vmqAdminLine(LEAVE)).toBe(
      'vmq-admin cluster leave node=VerneMQ@172.16.16.13 --kill_sessions --timeout=120',
    );
  });

  it.each([
    ["it's", "'client-id=it'\\''s'"],
    ['a b', "'client-id=a b'"],
    ['$(reboot)', "'client-id=$(reboot)'"],
    ['*', "'client-id=*'"],
    ['~x', "'client-id=~x'"],
  ])('quotes what the shell would obey: %s', (id, quoted) => {
    const line = vmqAdminLine({ words: ['session', 'disconnect'], arguments: [['client-id', id]] });
    expect(line).toBe(`vmq-admin session disconnect ${quoted}`);
  });

  it('never has a key', () => {
    const command: AdminCommand = {
      words: ['api-key', 'add'],
      arguments: [
        ['key', 'S3CRET'],
        ['scope', 'mgmt'],
      ],
    };
    expect(vmqAdminLine(command)).toBe('vmq-admin api-key add key=*** scope=mgmt');
  });
});

describe('JSON', () => {
  it('is asked for, but of set: the broker applies it and then crashes', () => {
    expect(jsonFormat(LEAVE)).toEqual(['--format=json']);
    expect(jsonFormat({ words: ['set'], arguments: [['max_client_id_size', '5']] })).toEqual([]);
  });
});

describe('a way that would lose something', () => {
  const topic: AdminCommand = { words: ['retain', 'delete'], flags: [['topic', 'a=b']] };
  const blank: AdminCommand = { words: ['session', 'disconnect'], arguments: [['client-id', 'a b']] };
  const both: AdminCommand = { words: ['session', 'show'], flags: [['topic', '-a=b']] };

  it.each([
    ['http', topic],
    ['script', blank],
    ['script', { ...blank, arguments: [['client-id', 'a\\b']] } as AdminCommand],
    ['command', both],
  ] as const)('is refused: %s', (carrier, command) => {
    expect(() => assertCarriable(command, carrier)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'value_gets_lost' }),
    );
  });

  it.each([
    ['command', topic],
    ['command', blank],
    ['http', blank],
    ['script', LEAVE],
    ['script', { ...blank, arguments: [['client-id', 'a*?[b]']] } as AdminCommand],
    ['script', { ...blank, arguments: [['client-id', 'a\u00a0b']] } as AdminCommand],
  ] as const)('is told from one that does not: %s', (carrier, command) => {
    expect(() => assertCarriable(command, carrier)).not.toThrow();
  });
});

describe('a value with other characters than ASCII', () => {
  const disconnect = { words: ['session', 'disconnect'], arguments: [['client-id', 'ü']] } as const;
  const unsubscribe = { words: ['session', 'unsubscribe'], arguments: [['client-id', 'ü']] } as const;

  it('is refused over HTTP where the broker would look for another one', () => {
    expect(() => assertCarriable(disconnect, 'http')).toThrow('client-id would not arrive');
    expect(() => assertCarriable(disconnect, 'command')).not.toThrow();
    expect(() => assertCarriable(unsubscribe, 'http')).not.toThrow();
  });
});
