import { describe, expect, it } from 'vitest';
import {
  checkStagedFlags,
  parseRate,
  type StagedFlags,
  stagedWish,
} from '../../../src/lib/cli/staged-flags.js';

const flags = (more: Partial<StagedFlags>): StagedFlags => ({
  staged: false,
  resume: false,
  abort: false,
  'allow-suspended-member': false,
  'dry-run': false,
  'allow-message-loss': false,
  'allow-unreachable-node': false,
  ...more,
});

describe('the flags of a staged leave', () => {
  it.each([
    [{ grace: '5m' }, 'staged_only'],
    [{ 'disconnect-rate': '200/s' }, 'staged_only'],
    [{ 'until-sessions': 0 }, 'staged_only'],
    [{ 'survivor-sessions': 5 }, 'staged_only'],
    [{ 'bcrypt-cost': 10 }, 'staged_only'],
    [{ staged: true, 'allow-message-loss': true }, 'loss_of_staged'],
    [{ resume: true, 'dry-run': true }, 'dry_run_of_begun'],
    [{ staged: true, abort: true, 'dry-run': true }, 'dry_run_of_begun'],
    [{ staged: true, 'survivor-sessions': 5 }, 'threshold_without_rate'],
  ])('%j are refused rather than ignored', (given, code) => {
    expect(() => checkStagedFlags(flags(given))).toThrow(expect.objectContaining({ kind: 'usage', code }));
  });

  it.each([
    [{}, false],
    [{ 'allow-message-loss': true }, false],
    [{ staged: true, 'survivor-sessions': 5, 'disconnect-rate': '2' }, true],
    [{ resume: true, 'survivor-sessions': 5 }, true],
    [{ abort: true }, true],
  ])('%j mean a staged leave: %s', (given, isStaged) => {
    expect(checkStagedFlags(flags(given))).toBe(isStaged);
  });

  it('hold only what was given: whoever picks a leave up changes nothing else', () => {
    expect(stagedWish(flags({ resume: true }), 'c@h').options).toEqual({});
    expect(stagedWish(flags({ resume: true, 'disconnect-rate': '50/s' }), 'c@h').options).toEqual({
      rate: 50,
    });
  });

  it.each([
    ['200/s', 200],
    ['200', 200],
    ['0.5', 0.5],
    ['30/m', 0.5],
    [' 7/s ', 7],
  ])('take %j for %d per second', (text, rate) => {
    expect(parseRate(text, '--disconnect-rate')).toBe(rate);
  });

  it.each(['', '0', '-1', '1e3', '200/h', 'all', '1000000', '0.0001', 'NaN', 'Infinity'])(
    'take %j for no rate',
    (text) => {
      expect(() => parseRate(text, '--disconnect-rate')).toThrow(
        expect.objectContaining({ code: 'bad_rate' }),
      );
    },
  );
});
