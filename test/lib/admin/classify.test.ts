import { describe, expect, it } from 'vitest';
import { classifyElements } from '../../../src/lib/admin/classify.js';
import { toFailure } from '../../../src/lib/admin/failure.js';

const JOIN = { words: ['cluster', 'join'], arguments: [['discovery-node', 'a@b']] as const };
const text = (content: string) => ({ type: 'text', text: content }) as const;

describe('a word of the broker that every object happens to know', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    '%s is no reason that is known',
    (word) => {
      const alert = {
        type: 'alert',
        elements: [text(`RPC to node a@b failed for reason: ${word}`)],
      } as const;
      expect(classifyElements(JOIN, [alert])).toMatchObject({ outcome: 'refused', code: 'alert' });
      const refusal = classifyElements(JOIN, [text(`{error,${word}}`)]);
      expect(refusal).toMatchObject({ outcome: 'refused', hint: expect.any(String) });
      expect(toFailure('http://127.0.0.1:8888', refusal)).toMatchObject({ kind: 'failed' });
      expect(toFailure('x', { ...refusal, code: word }).kind).toBe('failed');
    },
  );
});

describe('a reply that is not a success', () => {
  it.each([
    ['cluster leave', 'Unknown error: {badrpc,nodedown}'],
    ['cluster leave', 'Done'],
    ['cluster join', 'Done'],
    ['tls check', 'no certificate'],
    ['plugin enable', '{error,something_new}'],
    ['api-key delete', '{error,key_not_found}'],
    ['session reauthorize', 'Done'],
  ])('says what to do: %s, %s', (name, answer) => {
    const classification = classifyElements({ words: name.split(' ') }, [text(answer)]);
    expect(classification.outcome).not.toBe('done');
    expect(classification.hint).toMatch(/.{15,}/);
  });
});
