import { describe, expect, it } from 'vitest';
import type { DesiredRecord } from '../../../src/lib/acl/plan/desired.js';
import { recordsToProve } from '../../../src/lib/cli/acl-prove.js';
import { proofNotes } from '../../../src/lib/cli/views/acl-prove.js';
import { Secret } from '../../../src/lib/secret.js';

const password = new Secret('pw');
const desired = [
  { row: { key: 'new', credential: { kind: 'password', password } } },
  { row: { key: 'in place', credential: { kind: 'password', password } } },
  { row: { key: 'long ago', credential: { kind: 'password', password } } },
] as unknown as readonly DesiredRecord[];

describe('what is to be proven', () => {
  it('is what was changed, and what a command before has changed that was cut short', () => {
    const changes = [
      { key: 'new', found: null, write: 'x' },
      { key: 'removed', found: 'x', write: null },
    ];
    const resumed = ['new', 'in place', 'gone'];
    expect(recordsToProve({ changes, resumed, desired })).toEqual({
      written: new Map([
        ['new', password],
        ['in place', password],
      ]),
      removed: ['removed', 'gone'],
    });
  });

  it('is said to be nothing where nothing was changed', () => {
    expect(proofNotes({ records: [], failure: null }).map(({ text }) => text)).toEqual([
      'no record was proven: this command has changed none',
    ]);
  });
});
