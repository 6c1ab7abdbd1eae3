import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellLine, splitWords } from '../../../../src/lib/admin/ssh/quote.js';

/** No argument of a program can have a NUL in it. */
const word = fc
  .string({ unit: fc.constantFrom(...'ab \t\n\'"\\$`!*?[]{}()<>|&;#~=^%@-é𝄞') })
  .filter((text) => !text.includes('\0'));

/** What a program gets that a shell runs. */
const received = (line: string, shell = 'sh') =>
  execFileSync(shell, ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1);

describe('a word for a shell', () => {
  it('arrives byte for byte, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        expect(received(shellLine(['printf', '%s\\0', ...words]))).toEqual(words);
      }),
      { numRuns: 150 },
    );
  });

  it('arrives through two shells too', () => {
    fc.assert(
      fc.property(word, (text) => {
        const inner = shellLine(['printf', '%s\\0', text]);
        expect(received(shellLine(['sh', '-c', inner]))).toEqual([text]);
      }),
      { numRuns: 50 },
    );
  });

  it('is left as it is where every shell takes it for itself', () => {
    expect(shellLine(['cluster', 'leave', 'node=a@10.0.0.1', '--timeout=5'])).toBe(
      'cluster leave node=a@10.0.0.1 --timeout=5',
    );
    expect(shellLine(['', '~', '=ls', 'a b'])).toBe("'' '~' '=ls' 'a b'");
  });
});

describe('a command that the operator gave', () => {
  it.each([
    ['docker exec -i vernemq', ['docker', 'exec', '-i', 'vernemq']],
    ['  kubectl exec -i pod-0 -- ', ['kubectl', 'exec', '-i', 'pod-0', '--']],
    [`env A='x y' "b \\"c\\" \\d" e\\ f`, ['env', 'A=x y', 'b "c" \\d', 'e f']],
    [`''`, ['']],
    ['echo $HOME `id`; ls *', ['echo', '$HOME', '`id`;', 'ls', '*']],
  ])('%s is %j', (text, words) => {
    expect(splitWords(text, '--ssh-prefix')).toEqual(words);
  });

  it('is what it was after quoting and splitting', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        expect(splitWords(shellLine(words), '--ssh-prefix')).toEqual(words);
      }),
    );
  });

  it.each(['', '  ', `it's`, '"open', 'end\\'])('%j is refused', (text) => {
    expect(() => splitWords(text, '--ssh-prefix')).toThrowError(
      expect.objectContaining({ kind: 'usage', code: 'bad_command_prefix' }),
    );
  });
});
