import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passwordReader } from '../../../../../src/lib/acl/bulk/formats/passwords.js';
import { type Dialect, TopicRulesReader } from '../../../../../src/lib/acl/bulk/formats/topic-rules.js';
import { Settler } from '../../../../../src/lib/acl/bulk/settle.js';
import { MemoryStore } from '../../memory-store.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const rulesOf = (text: string, dialect: Dialect) => {
  const reader = new TopicRulesReader(dialect, 10);
  for (const line of text.split('\n')) reader.push(line);
  return reader.finish();
};
const rowOf = (line: string, acl?: string, dialect: Dialect = 'mosquitto') => {
  const reading = passwordReader({}, dialect, acl === undefined ? undefined : rulesOf(acl, dialect))(line);
  return reading?.ok ? reading.row : reading?.why;
};

describe('a line of a password file', () => {
  it('is a record for any client of the user', () => {
    expect(rowOf('joe:p:w')).toMatchObject({ key: '["","*","joe"]', credential: { kind: 'password' } });
    const row = rowOf('joe:p:w');
    const { credential } = row as Exclude<typeof row, string | undefined>;
    expect(credential.kind === 'password' && credential.password.reveal()).toBe('p:w');
  });

  it.each([
    ['# joe:p', undefined],
    [' ', undefined],
    ['joe', 'it is not username:password'],
    [':p', 'it is not username:password'],
    ['joe the 1st:p', 'the username contains a space, so the broker never finds the record'],
    [
      `joe:${HASH.replace('2a', '2x')}`,
      'the passhash is not one that the broker accepts (label $2x$, 60 characters)',
    ],
  ])('that is none is told: %j', (line, why) => {
    expect(rowOf(line)).toBe(why);
  });

  it('is no comment where VerneMQ takes it for a user', () => {
    expect(rowOf('#joe:$6$a$b', undefined, 'vmq')).toMatchObject({ key: '["","*","#joe"]' });
    expect(rowOf('#joe:$6$a$b', undefined, 'mosquitto')).toBeUndefined();
    expect(rowOf('# joe: $6$a$b', undefined, 'vmq')).toBeUndefined();
  });

  it('takes over a bcrypt hash', () => {
    expect(rowOf(`joe:${HASH.replace('2a', '2y')}`)).toMatchObject({
      credential: { kind: 'passhash', passhash: HASH, relabelled: true },
    });
  });

  it.each(['$6$c2FsdA==$aGFzaA==', '$7$101$c2FsdA==$aGFzaA==', '$argon2id$v=19$m=1$a$b'])(
    'with a hash of another kind keeps that of the record, and fails where there is none: %s',
    async (hash) => {
      const acl = 'user joe\ntopic read a';
      const rows = [rowOf(`joe:${hash}`, acl), rowOf(`jim:${hash}`, acl)].flatMap((row) =>
        typeof row === 'object' ? [row] : [],
      );
      const store = new MemoryStore({ '["","*","joe"]': `{"passhash":"${HASH}"}` });
      const hashing = { hash: async () => '', verify: async () => false };
      const settler = new Settler(store, hashing, { keepExisting: false, dryRun: false });
      const settled = await settler.settle(rows);
      expect(settled.map(({ outcome }) => outcome)).toEqual(['written', 'failed']);
      expect(settled[1]?.why).toBe(
        `the broker's bcrypt cannot use its hash (${/^\$\w+\$/.exec(hash)?.[0]}), and there is no record whose passhash it could keep`,
      );
      expect(await store.get('["","*","joe"]')).toContain(`${HASH}","subscribe_acl":[{"pattern":"a"}]`);
    },
  );
});

describe('an ACL file', () => {
  const TEXT = `# comment
topic read $SYS/#

user joe
topic a/b
topic read in/#
topic write out/+/x
user jim
topic readwrite c d
pattern write dev/%u/up
user joe
topic read in/#
topic read late`;

  it('of mosquitto says what users may do; what is said before them is for nobody', () => {
    const rules = rulesOf(TEXT, 'mosquitto');
    expect(rules.of('joe')).toEqual({
      publish: ['a/b', 'out/+/x', 'dev/%u/up'],
      subscribe: ['a/b', 'in/#', 'late'],
    });
    expect(rules.of('jim')).toEqual({ publish: ['c d', 'dev/%u/up'], subscribe: ['c d'] });
    expect(rules.of('ann')).toEqual({ publish: ['dev/%u/up'], subscribe: [] });
    expect(rules.remarks).toEqual(['line 2 is for clients without a username: no record can say that']);
  });

  it('of VerneMQ gives everybody what it says before the first user', () => {
    const rules = rulesOf('topic read a\nuser joe\ntopic write b', 'vmq');
    expect(rules.of('joe')).toEqual({ publish: ['b'], subscribe: ['a'] });
    expect(rules.of('ann')).toEqual({ publish: [], subscribe: ['a'] });
    expect(rules.unused()).toEqual([]);
    expect(rulesOf('user joe\nuser jim', 'vmq').unused()).toEqual(['joe', 'jim']);
  });

  it('of VerneMQ has rules that count for nothing, as there, and the others do', () => {
    const rules = rulesOf('topic a/#/b\nuser joe\ntopic read  a b ', 'vmq');
    expect(rules.of('joe')).toEqual({ publish: [], subscribe: ['a b'] });
    expect(rules.remarks).toEqual([
      'line 1 counts for nothing: its topic has a # that is not its last level',
    ]);
  });

  it('of mosquitto has rules that cover more in a record, which is told', () => {
    const rules = rulesOf('user joe\ntopic write #\ntopic read a/#\ntopic read +/b\npattern #', 'mosquitto');
    expect(rules.remarks.map((remark) => remark.split(',')[0])).toEqual([
      'line 4 covers topics that begin with $',
      'line 5 covers topics that begin with $',
    ]);
  });

  it.each([
    ['to', ['joe']],
    ['pa', ['joe', 'jim', 'ann']],
    ['us', ['joe', 'jim', 'ann']],
    ['# ', []],
  ])('with a line that cannot be read has those fail whom it may concern: %s', (beginning, failing) => {
    const reader = new TopicRulesReader('vmq', 10);
    for (const line of ['user jim', 'topic a', 'user joe']) reader.push(line);
    reader.push(beginning, 'it is not UTF-8');
    const rules = reader.finish();
    for (const name of ['joe', 'jim', 'ann']) {
      const isFailing = failing.includes(name);
      expect(typeof rules.of(name)).toBe(isFailing ? 'string' : 'object');
      if (isFailing) expect(rules.of(name)).toBe('line 4 of the ACL file cannot be read: it is not UTF-8');
    }
  });

  it('warns of %c in a record for any client', () => {
    expect(rulesOf('pattern read dev/%c/#', 'vmq').remarks).toEqual([
      expect.stringMatching(/^line 1 has %c: /),
    ]);
  });

  it.each<[string, Dialect, RegExp]>([
    ['topic deny a', 'mosquitto', /^line 3 of the ACL file denies, and a record can only grant$/],
    ['topic a/%c', 'mosquitto', /means %c to the letter/],
    ['topic a/%m', 'vmq', /means %m to the letter/],
    ['pattern read a/%m', 'mosquitto', /means %m to the letter/],
    ['pattern read dev-%c/x', 'mosquitto', /has %c or %u within a level.*: dev-%c$/],
    ['topic a/#/b', 'mosquitto', /has a topic that the broker rejects: it has a #/],
    ['topic  read a', 'vmq', /says read, which VerneMQ takes for a part of the topic/],
    ['topic read\ta', 'vmq', /says read, which VerneMQ takes for a part of the topic/],
    ['topic read', 'mosquitto', /^$/],
    ['topic', 'mosquitto', /the broker rejects: it is empty/],
    ['topic readwrite a', 'vmq', /says readwrite, which VerneMQ takes for a part of the topic/],
    ['tpoic a', 'vmq', /begins with no word that is known/],
  ])('with a rule that no record can express has its users fail: %s (%s)', (line, dialect, why) => {
    const rules = rulesOf(`topic x\nuser joe\n${line}\nuser jim\ntopic b`, dialect);
    const lists = rules.of('joe');
    expect(typeof lists === 'string' ? lists : '').toMatch(why);
    if (line.startsWith('topic '))
      expect(rules.of('jim')).toMatchObject({ publish: expect.arrayContaining(['b']) });
  });

  it('is read whatever stands in it', () => {
    const word = fc.constantFrom(
      'user',
      'topic',
      'pattern',
      'read',
      'deny',
      ' ',
      '\n',
      '#',
      '%c',
      'a/',
      '\t',
      '\0',
      'ä',
    );
    fc.assert(
      fc.property(fc.array(word), fc.constantFrom<Dialect>('mosquitto', 'vmq'), (words, dialect) => {
        const lists = rulesOf(words.join(''), dialect).of('a/');
        expect(typeof lists === 'string' || Array.isArray(lists.publish)).toBe(true);
      }),
    );
  });
});
