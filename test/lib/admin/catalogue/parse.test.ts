import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../../src/lib/admin/catalogue/parse.js';

const line = (text: string) => text.split(' ');
const parse = (text: string) => parseLine(line(text));

describe("a line of vmq-admin's grammar", () => {
  it.each([
    ['keys behind flags', 'session disconnect -c client-id=x'],
    [
      'a key after a flag without a value, which would swallow it in the broker',
      'session disconnect --cleanup client-id=x',
    ],
    ['long flags', 'session disconnect client-id=x --cleanup'],
  ])('has %s', (_what, text) => {
    expect(parse(text)).toEqual({
      words: ['session', 'disconnect'],
      arguments: [['client-id', 'x']],
      flags: [['cleanup', true]],
    });
  });

  it.each(['-t 120', '-t120', '--timeout 120', '--timeout=120'])('has values in all forms: %s', (flag) => {
    expect(parse(`cluster leave node=a@b ${flag}`).flags).toEqual([['timeout', '120']]);
  });

  it('takes the longest command', () => {
    expect(parse('session disconnect batch count=5').words).toEqual(['session', 'disconnect', 'batch']);
  });

  it('brings keys into the order that the broker wants', () => {
    expect(parse('session unsubscribe topic=a/b client-id=x').arguments).toEqual([
      ['client-id', 'x'],
      ['topic', 'a/b'],
    ]);
    expect(parse('api-key create expires=2031-06-01T00:00:00 scope=metrics').arguments).toEqual([
      ['scope', 'metrics'],
      ['expires', '2031-06-01T00:00:00'],
    ]);
    expect(parse('webhooks register endpoint=http://h/x hook=on_publish').arguments?.[0]).toEqual([
      'hook',
      'on_publish',
    ]);
  });

  it('shows fields, filters and matches of sessions', () => {
    expect(parse('session show --client_id --user=101 --client_id=~^a.*=b --limit 5').flags).toEqual([
      ['client_id', true],
      ['user', '101'],
      ['client_id', '~^a.*=b'],
      ['limit', '5'],
    ]);
  });

  it('takes the word behind a field as its filter, as vmq-admin does', () => {
    expect(parse('session show --user 101').flags).toEqual([['user', '101']]);
  });

  it('has settings as words and as keys', () => {
    expect(parse('show max_client_id_size allow_anonymous -a')).toEqual({
      words: ['show', 'max_client_id_size', 'allow_anonymous'],
      arguments: [],
      flags: [['all', true]],
    });
    expect(parse('set max_client_id_size=5 allow_anonymous=on -n a@b')).toEqual({
      words: ['set'],
      arguments: [
        ['max_client_id_size', '5'],
        ['allow_anonymous', 'on'],
      ],
      flags: [['node', 'a@b']],
    });
  });

  it('keeps an = inside a value', () => {
    expect(parse('webhooks register hook=on_publish endpoint=http://h/x?a=b').arguments?.[1]?.[1]).toBe(
      'http://h/x?a=b',
    );
    expect(parseLine(['retain', 'delete', '-t', 'a=b']).flags).toEqual([['topic', 'a=b']]);
  });

  it('takes a key from elsewhere', () => {
    expect(parseLine(line('api-key add scope=metrics'), 'k3y').arguments).toEqual([
      ['key', 'k3y'],
      ['scope', 'metrics'],
    ]);
  });
});

describe('a line that is wrong', () => {
  it.each([
    // Commands.
    ['sesion show', 'unknown_command', 'did you mean session show?'],
    ['session disconect client-id=x', 'unknown_command', 'did you mean session disconnect?'],
    ['session disconnect bacth count=5', 'unexpected_word', 'did you mean batch?'],
    ['session disconnect sensor-1', 'unexpected_word', 'a word too many'],
    // Keys.
    ['session disconnect clientid=x', 'unknown_word', 'did you mean client-id=?'],
    ['session disconnect', 'missing_argument', 'client-id=CLIENT-ID'],
    ['session disconnect client-id=', 'empty_value', 'client-id='],
    ['session disconnect client-id=a client-id=b', 'repeated_word', 'twice'],
    ['api-key create expires=2031-06-01T00:00:00', 'missing_argument', 'without scope='],
    ['api-key create scope=mgnt', 'bad_value', 'did you mean mgmt?'],
    ['api-key create scope=mgmt expires=tomorrow', 'bad_value', 'a time'],
    ['api-key create scope=mgmt expires=2031-02-30T00:00:00', 'bad_value', 'a time'],
    ['listener start address=127.0.0.1 port=65536', 'bad_value', 'a port'],
    ['listener start address=localhost port=1883', 'bad_value', 'an IP address'],
    ['session disconnect batch count=many', 'bad_value', 'a whole number'],
    ['webhooks register hook=on_pubish endpoint=http://h/', 'bad_value', 'did you mean on_publish?'],
    // Values that the broker loses a part of.
    ['session disconnect client-id=abc=', 'value_gets_lost', 'client-id='],
    ['session disconnect client-id==abc', 'value_gets_lost', 'client-id='],
    ['session unsubscribe client-id=x topic=a==b', 'value_gets_lost', 'topic='],
    ['session disconnect client-id=a"b', 'bad_value', 'double quote'],
    ['session show --client_id=a"b', 'bad_value', 'double quote'],
    // Flags.
    ['cluster leave node=a@b -i abc', 'bad_value', 'whole number'],
    ['cluster leave node=a@b -t -1', 'bad_value', 'whole number'],
    ['cluster leave node=a@b -t', 'missing_value', '--timeout'],
    ['cluster leave node=a@b -x', 'unknown_flag', 'no flag -x'],
    ['session disconnect client-id=x --cleanupp', 'unknown_flag', 'did you mean --cleanup?'],
    ['session disconnect client-id=x --cleanup=false', 'flag_without_value', '--cleanup takes no value'],
    ['session disconnect client-id=x -cm', 'flag_without_value', '-c takes no value'],
    ['session disconnect client-id=x --cleanup yes', 'unexpected_word', 'a word too many'],
    ['session disconnect client-id=x --mountpoint=', 'empty_value', '--mountpoint'],
    ['session show --limit=x', 'bad_value', 'whole number'],
    ['session show --limit', 'missing_value', '--limit'],
    ['retain delete', 'missing_argument', '--topic'],
    ['listener start address=127.0.0.1 port=1 --psk_support=yes', 'bad_value', 'none of its values'],
    ['plugin enable -m x -f y -a 3 -hauth_on_publish', 'flag_is_help', '-h is help'],
    ['set max_client_id_size=5 --all --node=a@b', 'contradicting_flags', '--all and --node'],
    // Settings.
    ['set', 'missing_argument', 'a setting'],
    ['show', 'missing_argument', 'a setting'],
    ['set max_client_size=5', 'not_settable', 'did you mean max_client_id_size?'],
    ['set nodename=x', 'not_settable', 'vernemq.conf'],
    ['describe a=b', 'unknown_word', 'a= means nothing here'],
  ])('is refused: %s', (text, code, said) => {
    let failure: { kind: string; code: string; message: string; hint?: string } | undefined;
    try {
      parse(text);
    } catch (thrown) {
      failure = thrown as typeof failure;
    }
    expect(failure).toMatchObject({ kind: 'usage', code });
    expect(`${failure?.message} ${failure?.hint}`).toContain(said);
  });

  it.each([
    ['api-key add key=S3CRET', 'secret_in_argv'],
    ['api-key delete key=S3CRET scope=mgmt', 'secret_in_argv'],
    ['api-key add S3CRET', 'unexpected_word'],
    ['api-key S3CRET', 'unknown_command'],
    ['api-key add', 'missing_key_source'],
    ['api-key create scope=S3CRET', 'bad_value'],
  ])('never repeats what could be a secret: %s', (text, code) => {
    try {
      parse(text);
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toMatchObject({ kind: 'usage', code });
      expect(JSON.stringify([String(thrown), (thrown as { hint?: string }).hint])).not.toContain('S3CRET');
    }
  });
});
